"""Reviews words that appear during the telling."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

import discord

from bot.gate.word_filter import DANGER, HARMFUL, help_lines, hold_out_of_danger, hold_to_words
from bot.library.records import KeptTale, ServerSettings, TaleState
from bot.moderation.mod_log import note_undone
from bot.moderation.private_notice import tell_alone
from bot.pools import Pool, Pools
from bot.privacy.take_down import take_down
from bot.tracker.outputs import Deliver, Follower, unsteady
from bot.ui.card_message import UNREACHED
from bot.wording import language_of
from pipeline.errors import Missing, Refused
from pipeline.log import log_of
from pipeline.wording import sentence
from pipeline.words.event import Event, Failed, Planned, Written
from pipeline.words.prompt import Harm
from pipeline.words.sound import Jsonable
from pipeline.words.tale import Tale

if TYPE_CHECKING:
    from bot.library.library import Library

LOOK_S = 600.0
_DOWN_AFTER_S = (0.0, 2.0, 5.0)
"""Seconds before each try to take a card down."""
log = log_of("moderation")


class Undo(Protocol):
    """What is done about a tale that must not be told."""

    async def stop(self, tale: KeptTale) -> None:
        """Stop telling it, and note for a later bot that it must be erased."""

    async def tell(self, tale: KeptTale, why: Refused) -> None:
        """Tell its asker alone why."""

    async def erase(self, tale: KeptTale) -> None:
        """Erase all of it."""

    async def left(self) -> list[KeptTale]:
        """Return what an earlier bot noted and did not erase."""


class StoryReview(Follower):
    """Follows the tale tracker: reads recordings once they are transcribed, and stories passage by passage."""

    def __init__(
        self,
        rules: Callable[[str], Awaitable[ServerSettings]],
        deliver: Deliver,
        undo: Undo,
        reading: Pool | None = None,
    ) -> None:
        self._rules, self._deliver, self._undo = rules, deliver, undo
        self._reading = reading or Pools().words
        self._unfit: dict[str, Refused | None] = {}
        """Tales that must not be told; with the reason, where their asker is still to hear it."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish what is being erased."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def resume(self) -> None:
        """Erase what an earlier bot left, now and every ten minutes: a store may be away."""
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_for_ever(), name="unfit tales")

    async def _look_for_ever(self) -> None:
        while True:
            try:
                await self._erase_left()
            except unsteady() as error:
                log.warning("unfit_tales_not_erased", why=type(error).__name__)
            await asyncio.sleep(LOOK_S)

    async def _erase_left(self) -> None:
        for tale in await self._undo.left():
            if tale.id not in self._unfit:
                await self._undo.erase(tale)

    def heard(self, tale: KeptTale, event: Event) -> None:
        """Review an event's words; they come a while before their sound, so nobody has heard them yet."""
        match event:
            case Planned(plan=plan):
                self._aside(self._look(tale, f"{plan.asked}\n{plan.title}", plan.asked))
            case Written(passage=passage):
                self._aside(self._look(tale, passage.text))
            case Failed(code=code, fields=fields) if code == HARMFUL:
                self._unfit[tale.id] = _why(fields, tale)

    def ended(self, tale: KeptTale) -> None:
        """Erase a refused tale once nothing writes to it any more."""
        if tale.id in self._unfit:
            self._aside(self._end(tale, self._unfit.pop(tale.id)))

    async def bring(self, tale: KeptTale, story: Tale) -> tuple[str, ...]:
        """Deliver it, if it passes as a whole; else nothing is posted."""
        # Title and synopsis too, and all passages together: a forbidden phrase may lie across two.
        text = "\n".join(passage.text for passage in story.story.passages)
        await self._look(tale, f"{story.story.title}\n{story.story.synopsis}\n{text}")
        return () if tale.id in self._unfit else await self._deliver(tale, story)

    async def _look(self, tale: KeptTale, text: str, asked: str = "") -> None:
        if tale.id in self._unfit:
            return
        rules = await self._rules(tale.server)
        try:
            if asked and not tale.prompt.before:
                await self._reading.run(hold_out_of_danger, asked, tale.delivery.locale)
            await self._reading.run(hold_to_words, text, rules, tale.prompt.rating)
        except Refused as why:
            self._unfit[tale.id] = None  # before the awaits: the next passage need not be read
            log.info("tale_unfit", code=why.code, job=tale.id)
            await self._undo.stop(tale)
            await self._undo.tell(tale, why)

    async def _end(self, tale: KeptTale, why: Refused | None) -> None:
        """Erase it before anybody is told why: a bot may die between the two."""
        await self._undo.erase(tale)
        if why is not None:
            await self._undo.tell(tale, why)

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="watch")
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("watch_broke", exc_info=error)


def _why(fields: Jsonable, tale: KeptTale) -> Refused:
    """Return the refusal: with help lines for somebody in danger, else with the kind of harm alone."""
    kind = fields.get("kind")
    if kind == Harm.DANGER:
        return Refused(DANGER, lines=help_lines(tale.delivery.locale))
    return Refused(HARMFUL, kind=kind)


@dataclass(frozen=True)
class Withdrawing:
    """What is undone in the stores, whatever face the tale has."""

    library: Library
    cancel: Callable[[str], Awaitable[None]]
    """Stops the job of a tale."""
    erase_tales: Callable[[Iterable[KeptTale]], Awaitable[object]]
    """Erases tales with all that is kept of them."""

    async def stop(self, tale: KeptTale) -> None:
        """See Undo."""
        with suppress(Missing):  # erased meanwhile
            await self.library.tales.change(tale.id, state=TaleState.UNFIT)
        await self.cancel(tale.id)

    async def left(self) -> list[KeptTale]:
        """See Undo."""
        return await self.library.tales.unfit()


@dataclass(frozen=True)
class Undoing(Withdrawing):
    """Undo by the bot's own stores, and on Discord."""

    client: discord.Client

    async def tell(self, tale: KeptTale, why: Refused) -> None:
        """See Undo."""
        known = await self.library.tales.get(tale.id) or tale
        told = sentence(why, language_of(tale.delivery.locale))
        await tell_alone(self.client, tale.member, told, known.interaction_token or tale.interaction_token)
        await note_undone(self.client, await self.library.servers.of(tale.server), tale, why)

    async def erase(self, tale: KeptTale) -> None:
        """See Undo; then take down its card, which may show its words, as soon as Discord allows."""
        known = await self.library.tales.get(tale.id) or tale
        await self.erase_tales([known])
        for wait_s in _DOWN_AFTER_S:
            await asyncio.sleep(wait_s)
            try:
                await take_down(self.client, [known])
            except UNREACHED as error:
                log.warning("card_not_removed", job=tale.id, why=repr(error)[:200])
            else:
                return
