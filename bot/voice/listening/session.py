"""A listening in one server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Any

import discord

from bot.ui.card_message import UNREACHED
from bot.ui.escape import shown
from bot.voice.call import Call
from bot.voice.join import Room
from bot.voice.listening.consent import Agreed
from bot.voice.listening.in_call import listened, listening_in, silenced, trouble_of
from bot.voice.listening.live_listening import Ended, Listening
from bot.voice.listening.transcription import Scribe
from bot.voice.listening.view import ConsentingMember, View, text_of
from bot.voice.receive.connection import ears_open
from bot.voice.receive.speech import Silero
from bot.voice.receive.turn_end import TurnEnd
from bot.wording import said
from pipeline.words.prompt import Said

SHOWN_EVERY_S = 1.5  # seconds: Discord takes five edits in five seconds, and buttons edit too
WRITTEN_WITHIN_S = 20.0
"""Seconds for the last transcripts; what is not there by then is transcribed with the tale."""
WRITTEN_GOING_S = 2.0
"""The same, where the bot is being stopped: the next one tells the tale."""
HOLDER = "ears"
"""The listening's name among the call's holders."""
Buttons = Callable[[Ended | None], discord.ui.View]
_UNWELCOME = (Ended.PUT_OUT, Ended.SILENCED)


@dataclass(frozen=True)
class Handed:
    """What was said, handed over to become a tale."""

    said: tuple[Said, ...]
    speakers: frozenset[int]
    """Discord ids of those who said it."""
    welcome: bool
    """Whether the tale may be told where it was listened to: nobody put the bot out or silenced it."""


Tell = Callable[[Handed], Awaitable[bool]]
"""Asks for the tale; returns whether it was accepted."""


@dataclass(frozen=True)
class Terms:
    """Settings of one listening."""

    asker: int
    """Discord id of the member who began it."""
    locale: str
    words_only: bool
    """No feeling is read from any voice."""


@dataclass
class Session:
    """A listening with its panel: shows who is heard, listens, and hands over what was said."""

    call: Call
    room: Room
    place: discord.abc.Messageable
    """Where the panel stands."""
    terms: Terms
    agreed: Agreed
    scribe: Scribe
    silero: Silero
    turn_end: TurnEnd | None
    hand: Executor
    clock: Callable[[], float]
    buttons: Buttons
    tell: Tell
    announce: Callable[[Call], Coroutine[Any, Any, None]]
    """Says aloud that the bot listens."""
    view: View | None = None
    listening: Listening | None = None
    _panel: discord.Message | None = None
    _known: dict[int, str] = field(default_factory=dict)
    """Names of all who were there: discord.py soon forgets members who leave the call."""

    async def hold(self) -> None:
        """Run the listening in a call that is joined; nobody is heard before they consent."""
        listening = self.listening = listening_in(
            self.call, self.silero, self.hand, self.clock, self.scribe.take, lambda: bool(self._members()),
            self.turn_end, lambda: not self.scribe.writing,
        )  # fmt: skip
        await self._newcomers(self._members())
        # The panel stands before the bot is shown as listening: nobody can be heard without having been asked.
        self._panel = await self.place.send(self._text(), view=self.buttons(None))
        try:
            await self.call.enter(self.room.id, HOLDER, ears=True)
            with ears_open(self.call, listening.hearing):
                ended = await listened(self.call, listening, self._keep_true(), self.announce(self.call))
        finally:
            # The sign beside the bot's name must be true: from now on it says that it is deaf.
            await self.call.close_ears(HOLDER)
        await self._over(ended)

    async def consent(self, member: int, *, always: bool) -> None:
        """Hear a member from now on; `always` is remembered for this server."""
        await self.agreed.give(member, always=always)
        self._hears()

    async def revoke(self, member: int) -> None:
        """Stop hearing a member, erase what they said, and withdraw their consent."""
        # No frame more, before anything that waits for a disk or a database.
        self.agreed.heard.discard(member)
        self._hears()
        await self.scribe.forget(member)
        await self.agreed.take_back(member)

    def end(self, why: Ended) -> None:
        """End the listening, if it has begun."""
        if self.listening is not None:
            self.listening.end(why)

    def may_end(self, member: discord.Member) -> bool:
        """Whether a member may end it: the asker, anybody who is heard, and managers of the server."""
        return member.id == self.terms.asker or member.id in self.agreed.heard or member.guild_permissions.manage_guild

    def sits_here(self, member: int) -> bool:
        """Whether they are in the call."""
        return member in self._members()

    async def _keep_true(self) -> None:
        """Keep the panel up to date, and tell who comes in that the bot listens."""
        before = ""
        while True:
            self.room = self.call.room or self.room
            await self._newcomers(self._members())
            text = self._text()
            if text != before and self._panel is not None:
                with contextlib.suppress(*UNREACHED):
                    await self._panel.edit(content=text)
                before = text
            await asyncio.sleep(SHOWN_EVERY_S)

    async def _newcomers(self, members: dict[int, str]) -> None:
        """Hear newcomers whose consent is remembered; tell all others who come late that the bot listens."""
        fresh = members.keys() - self._known.keys()
        late = bool(self._panel)
        self._known |= members
        for member in fresh:
            if member not in self.agreed.heard and not await self.agreed.remembered(member) and late:
                with contextlib.suppress(*UNREACHED):
                    await self.place.send(said("ears.newcomer", self.terms.locale, name=shown(members[member])))
        self._hears()

    def _hears(self) -> None:
        if self.listening is not None:
            # Who left is not forgotten: their last words may still be under way.
            self.listening.hears(frozenset(self.agreed.heard))

    def _members(self) -> dict[int, str]:
        """Everybody in the call but bots, by the name that the server shows."""
        guild = self.room.guild
        members = {one: guild.get_member(one) for one in self.room.voice_states}
        return {one: member.display_name for one, member in members.items() if member is not None and not member.bot}

    async def _over(self, ended: Ended) -> None:
        """Hand over what was said, or erase it where it was thrown away."""
        # The listening sees only that the call is lost; the call knows that it was muted for too long.
        if ended is Ended.PUT_OUT and silenced(self.call.why):
            ended = Ended.SILENCED
        if ended is Ended.THROWN_AWAY:
            await self.scribe.forget()
            await self._show(ended)
            return
        await self._show(ended, writing=self.scribe.writing)
        await self.scribe.finish(WRITTEN_GOING_S if ended is Ended.GOING else WRITTEN_WITHIN_S)
        told = await self.scribe.said(self._known, self.agreed.felt)
        wordless = ended in (Ended.QUIET, Ended.FINISHED, Ended.LIMIT) and not told
        await self._show(Ended.WORDLESS if wordless else ended)
        if told:
            speakers = frozenset(turn.member for turn in self.scribe.handed_over)
            # Nothing is learnt of voices whose wish was refused or answered with help.
            if await self.tell(Handed(told, speakers, ended not in _UNWELCOME)):
                await self.agreed.learn(self.scribe.handed_over)

    async def _show(self, ended: Ended, *, writing: bool = False) -> None:
        view = replace(self._view(), ended=ended, writing=writing)
        if self._panel is not None:
            with contextlib.suppress(*UNREACHED):
                await self._panel.edit(content=text_of(view, self.terms.locale), view=self.buttons(ended))

    def _text(self) -> str:
        return text_of(self._view(), self.terms.locale)

    def _view(self) -> View:
        listening, names = self.listening, self._known
        assert listening is not None, "the panel is shown of a listening that began"
        heard = tuple(
            ConsentingMember(names[one], speaker.level_db, self._written(one), speaker.fault)
            for one, speaker in listening.speakers.items()
            if one in names
        )
        unheard = tuple(name for one, name in self._members().items() if one not in self.agreed.heard)
        deaf = listening.deafness.deaf
        trouble = said("ears.deaf", self.terms.locale) if deaf else trouble_of(self.call.why, self.terms.locale)
        return View(self.room.id, heard, unheard, round(listening.seconds), trouble, self.agreed.words_only)

    def _written(self, member: int) -> str:
        return " ".join(turn.text for turn in self.scribe.of_member(member) if turn.text)
