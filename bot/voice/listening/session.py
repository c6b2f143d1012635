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
from bot.wording import said
from pipeline.words.prompt import Said

SHOWN_EVERY_S = 1.5
WRITTEN_WITHIN_S = 20.0
"""What is not written down by then is heard again with the tale."""
WRITTEN_GOING_S = 2.0
"""The same, where the bot is being stopped: the next one tells it."""
HOLDER = "ears"
"""For whose sake the call is held."""
Buttons = Callable[[Ended | None], discord.ui.View]
_UNWELCOME = (Ended.PUT_OUT, Ended.SILENCED)


@dataclass(frozen=True)
class Handed:
    """What becomes a tale."""

    said: tuple[Said, ...]
    speakers: frozenset[int]
    welcome: bool
    """Nobody put the bot out or silenced it: it may tell the tale where it listened."""


Tell = Callable[[Handed], Awaitable[bool]]
"""Says whether it becomes a tale."""


@dataclass(frozen=True)
class Terms:
    """What holds for one listening."""

    asker: int
    locale: str
    words_only: bool
    """No feeling is read from any voice."""


@dataclass
class Session:
    """Joins, shows who is heard, listens, and hands over what was said."""

    call: Call
    room: Room
    place: discord.abc.Messageable
    """Where the panel stands."""
    terms: Terms
    agreed: Agreed
    scribe: Scribe
    silero: Silero
    hand: Executor
    clock: Callable[[], float]
    buttons: Buttons
    tell: Tell
    announce: Callable[[Call], Coroutine[Any, Any, None]]
    """Says by voice that it listens."""
    view: View | None = None
    listening: Listening | None = None
    _panel: discord.Message | None = None
    _known: dict[int, str] = field(default_factory=dict)
    """Names of all who were there: who leaves is soon forgotten by the client."""

    async def hold(self) -> None:
        """The whole of it, in a call that stands; nobody is heard before they consent."""
        listening = self.listening = listening_in(
            self.call, self.silero, self.hand, self.clock, self.scribe.take, lambda: bool(self._members())
        )
        await self._newcomers(self._members())
        self._panel = await self.place.send(self._text(), view=self.buttons(None))
        try:
            await self.call.enter(self.room.id, HOLDER, ears=True)
            with ears_open(self.call, listening.hearing):
                ended = await listened(self.call, listening, self._keep_true(), self.announce(self.call))
        finally:
            # The sign beside our name is the truth: from now on it says that we are deaf.
            await self.call.close_ears(HOLDER)
        await self._over(ended)

    async def consent(self, member: int, *, always: bool) -> None:
        """They are heard from now on; `always` is remembered for this server."""
        await self.agreed.give(member, always=always)
        self._hears()

    async def revoke(self, member: int) -> None:
        """They are no longer heard, what they said is gone, and nothing is remembered."""
        self.agreed.heard.discard(member)
        self._hears()
        await self.scribe.forget(member)
        await self.agreed.take_back(member)

    def end(self, why: Ended) -> None:
        """Somebody pressed a button."""
        if self.listening is not None:
            self.listening.end(why)

    def may_end(self, member: discord.Member) -> bool:
        """The asker, whoever is heard, and who manages the server."""
        return member.id == self.terms.asker or member.id in self.agreed.heard or member.guild_permissions.manage_guild

    def sits_here(self, member: int) -> bool:
        """Whether they are in the call."""
        return member in self._members()

    async def _keep_true(self) -> None:
        """The panel, at most every moment and a half; who comes in is told."""
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
        """Whose consent is remembered is heard; everybody else who comes late is told that we listen."""
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
        """What was said becomes a tale; what was not to be, is gone."""
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
