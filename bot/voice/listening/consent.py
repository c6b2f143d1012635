"""Who agreed to what, in one listening."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.library.records import Consent
from bot.voice.listening.transcription import SpeakerTurn

if TYPE_CHECKING:
    from bot.library.consents import Consents
    from bot.library.voices import Voices

ASKED_FOR = (Consent.LISTEN, Consent.FEELING, Consent.USUAL)
"""Consents that one button remembers and another withdraws; where no feeling is read, the first alone."""
HEARD_OFTEN = 6
"""Turns needed before the mean tone counts as what a voice is usually like."""


@dataclass
class Agreed:
    """Members who are heard, whose voice's feeling is read, whose usual tone is kept."""

    consents: Consents
    voices: Voices
    server: int
    words_only: bool
    """No feeling is read from any voice."""
    heard: set[int] = field(default_factory=set)
    felt: set[int] = field(default_factory=set)
    kept: set[int] = field(default_factory=set)

    async def remembered(self, member: int) -> bool:
        """Whether an earlier consent still holds; only what they agreed to then is done now."""
        if not await self._has(member, Consent.LISTEN):
            return False
        self.heard.add(member)
        if not self.words_only and await self._has(member, Consent.FEELING):
            self.felt.add(member)
            if await self._has(member, Consent.USUAL):
                self.kept.add(member)
        return True

    async def give(self, member: int, *, always: bool) -> None:
        """Hear a member from now on; `always` is remembered for this server."""
        self.heard.add(member)
        if not self.words_only:
            self.felt.add(member)
        if not always:
            return
        # On a server that reads no feeling nobody was asked about it, so no consent to it is written.
        for what in ASKED_FOR[:1] if self.words_only else ASKED_FOR:
            await self.consents.give(str(member), what, str(self.server))
        if not self.words_only:
            self.kept.add(member)

    async def take_back(self, member: int) -> None:
        """Stop hearing, reading and remembering a member."""
        # Memory first: the database may be slow, and nothing more may be heard meanwhile.
        for one in (self.heard, self.felt, self.kept):
            one.discard(member)
        await forget_consent(self.consents, member, self.server)

    async def usual(self, member: int) -> tuple[float, ...]:
        """Return a voice's usual tone, where it may be kept and was heard often enough; else ()."""
        if member not in self.kept or not await self._has(member, Consent.USUAL):
            return ()
        return await self.voices.usual(str(member), HEARD_OFTEN)

    async def learn(self, turns: Iterable[SpeakerTurn]) -> None:
        """Update each speaker's mean tone by their turns, where that may still be kept."""
        for turn in turns:
            tone = turn.told.tone if turn.told else ()
            # Asked again: a consent may have been withdrawn while the turn was transcribed.
            if tone and turn.member in self.kept and await self._has(turn.member, Consent.USUAL):
                await self.voices.hear(str(turn.member), tone)

    async def _has(self, member: int, what: Consent) -> bool:
        return await self.consents.has(str(member), what, str(self.server))


async def forget_consent(consents: Consents, member: int, server: int) -> None:
    """Withdraw a member's remembered consents in this server, in one transaction."""
    await consents.withdraw(str(member), ASKED_FOR, str(server))
