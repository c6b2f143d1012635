"""Tales from wish to last word."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

import aiohttp
import discord
import structlog

from bot.card.state import CardState
from bot.gate.word_filter import HARMFUL
from bot.library.records import Delivery, KeptTale, TaleState
from bot.pools import Pool, Pools
from pipeline.artifacts import Artifacts
from pipeline.errors import Missing, TaleError
from pipeline.log import log_of
from pipeline.road.door import Door, read_answer
from pipeline.words.event import Done, Event, Failed, Stopped
from pipeline.words.prompt import Prompt
from pipeline.words.request import Asked, Tell
from pipeline.words.sound import Artifact
from pipeline.words.tale import Tale

if TYPE_CHECKING:
    from bot.library.tales import Tales

_FIRST_WAIT_S, _MOST_WAIT_S = 1.0, 60.0
LOOK_S = 120.0
"""How often it is looked whether an open tale is followed by nobody."""
log = log_of("teller")


@dataclass(frozen=True)
class Wish:
    """Somebody wants a tale."""

    id: str
    """The job's id, uuid4 hex."""
    server: str
    channel: str
    member: str
    prompt: Prompt
    delivery: Delivery
    interaction_token: str = ""
    """Good for 15 minutes: the card is its answer."""
    sits_in: str = ""
    """The asker's voice channel, or ""."""


class Card(Protocol):
    """The message that lives."""

    @property
    def state(self) -> CardState:
        """All that was heard so far."""

    async def start(self) -> None:
        """Post it, or find it again."""

    def feed(self, event: Event) -> None:
        """Never waits."""

    def paced(self, least_s: float, most_s: float) -> None:
        """What a word of a tale takes here; never waits."""

    async def heard_out(self) -> None:
        """A told tale's text is not given away while somebody still listens to it."""

    async def close(self) -> None:
        """Its last state is shown."""


class Follower(Protocol):
    """Somebody else who hears a tale's events: the booth, the list of what is being told."""

    def began(self, tale: KeptTale, card: Card, sits_in: str) -> None:
        """It is followed from now on; `sits_in` is "" after a restart."""

    def heard(self, tale: KeptTale, event: Event) -> None:
        """Never waits."""

    def ended(self, tale: KeptTale) -> None:
        """Nothing more comes."""


Deliver = Callable[[KeptTale, Tale], Awaitable[tuple[str, ...]]]
"""Gives message ids; raises what `unsteady` names."""


@dataclass(frozen=True)
class Faces:
    """What members see of a tale."""

    card: Callable[[KeptTale], Awaitable[Card]]
    deliver: Deliver
    followers: tuple[Follower, ...] = ()


class Teller:
    """One follower for each open tale; what it follows outlives it."""

    def __init__(
        self,
        door: Door,
        artifacts: Artifacts,
        tales: Tales,
        faces: Faces,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        files: Pool | None = None,
    ) -> None:
        self._files = files or Pools().files
        self._door, self._artifacts, self._tales, self._faces = door, artifacts, tales, faces
        self._clock, self._sleep = clock, sleep
        self._following: dict[str, asyncio.Task[None]] = {}
        self._carded: dict[str, asyncio.Event] = {}
        self._beginning: set[str] = set()
        """Wishes that are on their way to the road: their followers come with them."""
        self._looking: asyncio.Task[None] | None = None
        self._closing = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Followers go; their tales stay open and are taken up by the next bot."""
        self._closing = True
        tasks = [*self._following.values(), *([self._looking] if self._looking else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def begin(self, wish: Wish) -> KeptTale:
        """Kept, asked and followed; raises Refused where too much waits."""
        given = {name: value for name, value in vars(wish).items() if name != "sits_in"}
        tale = KeptTale(**given, asked_at=self._clock())
        self._beginning.add(tale.id)
        try:
            await self._tales.add(tale)
            await self._ask(tale)
        except TaleError:
            await self._closed(tale, TaleState.FAILED)
            raise
        else:
            self._follow(tale, wish.sits_in)
        finally:
            self._beginning.discard(tale.id)
        return tale

    async def carded(self, tale: str) -> None:
        """Until its card stands, or cannot: what is sent before would take the card's place."""
        if tale in self._carded:
            await self._carded[tale].wait()

    async def cancel(self, tale: str) -> None:
        """Stop it, wherever it stands; its card hears."""
        await self._door.cancel(tale)

    @property
    def open(self) -> int:
        """Tales that are followed now."""
        return len(self._following)

    async def resume(self) -> int:
        """Take up what an earlier bot left open, now and from time to time; says how many."""
        if self._looking is None and not self._closing:
            self._looking = asyncio.create_task(self._look_for_ever(), name="open tales")
        return await self._taken_up()

    async def _look_for_ever(self) -> None:
        """A tale whose follower broke waits for no restart."""
        while True:
            await self._sleep(LOOK_S)
            try:
                if left := await self._taken_up():
                    log.warning("tales_taken_up", tales=left)
            except unsteady() as error:
                log.warning("open_tales_unread", why=repr(error)[:300])

    async def _taken_up(self) -> int:
        left = [tale for tale in await self._tales.open_ones() if tale.id not in self._beginning]
        return sum(self._follow(tale, "", ask=True) for tale in left)

    async def _ask(self, tale: KeptTale) -> None:
        request = Tell(tale.prompt, live=tale.delivery.where.aloud)
        await self._door.ask(Asked(tale.id, request, tale.server, tale.member))

    def _follow(self, tale: KeptTale, sits_in: str, *, ask: bool = False) -> bool:
        """Whether it is followed by nobody else."""
        if self._closing or tale.id in self._following:
            return False  # Discord may say that we are ready, or a member ask, while we go: the next bot takes it up
        task = asyncio.create_task(self._to_the_end(tale, sits_in, ask=ask), name=f"tale {tale.id}")
        self._following[tale.id], self._carded[tale.id] = task, asyncio.Event()
        task.add_done_callback(lambda done: self._gone(tale.id, done))
        return True

    def _gone(self, tale: str, task: asyncio.Task[None]) -> None:
        self._following.pop(tale, None)
        self._carded.pop(tale).set()
        if not task.cancelled() and (error := task.exception()):
            log.error("follower_broke", job=tale, exc_info=error)  # it stays open: the next look takes it up

    async def _to_the_end(self, tale: KeptTale, sits_in: str, *, ask: bool) -> None:
        """Whatever is unsteady, and for however long, it is followed again: what was told must be delivered."""
        structlog.contextvars.bind_contextvars(job=tale.id)
        wait_s = _FIRST_WAIT_S
        known: KeptTale | None = tale
        while known is not None and known.state is TaleState.OPEN:
            try:
                if ask:
                    await self._ask(known)  # asked twice it is asked once; its row may be older than its job
                await self._followed(known, sits_in)
            except unsteady() as error:
                log.warning("follower_unsteady", why=repr(error)[:300], again_in_s=wait_s)
            else:
                return
            await self._sleep(wait_s)
            wait_s = min(_MOST_WAIT_S, wait_s * 2)
            known = await self._still(known)

    async def _still(self, tale: KeptTale) -> KeptTale | None:
        """As it stands now, as far as the library answers; None where it was erased, which is not to be undone."""
        try:
            return await self._tales.get(tale.id)
        except unsteady() as error:
            log.warning("library_unsteady", why=repr(error)[:300])
            return tale

    async def _followed(self, tale: KeptTale, sits_in: str) -> None:
        card = await self._faces.card(tale)
        await card.start()
        self._carded[tale.id].set()
        card.paced(*await self._door.pace())
        for follower in self._faces.followers:
            follower.began(tale, card, sits_in)
        try:
            async for told in self._door.follow(tale.id):
                event, story = await self._read(told.event)
                card.feed(event)
                for follower in self._faces.followers:
                    follower.heard(tale, event)
                await self._concluded(tale, card, event, story)
        finally:
            for follower in self._faces.followers:
                follower.ended(tale)
            await card.close()

    async def _read(self, event: Event) -> tuple[Event, Tale | None]:
        """The tale of a last word; where it cannot be read, which no later try would mend, it has failed."""
        if not isinstance(event, Done):
            return event, None
        try:
            return event, await self._files.run(read_answer, event.tale, Tale, self._artifacts)
        except Missing as error:
            return Failed(error.code, error.fields), None
        except ValueError as error:
            log.exception("tale_unreadable")
            return Failed("tale_broke", {"state": type(error).__name__}), None

    async def _concluded(self, tale: KeptTale, card: Card, event: Event, story: Tale | None) -> None:
        match event:
            case Done(tale=artifact) if story is not None:
                await card.heard_out()
                await self._told(tale, artifact, story)
            case Failed(code=code):
                log.warning("tale_failed", code=code)
                # What was found harmful is not merely over: a bot that dies here must know what to take away.
                await self._closed(tale, TaleState.UNFIT if code == HARMFUL else TaleState.FAILED)
            case Stopped():
                await self._closed(tale, TaleState.STOPPED)

    async def _told(self, tale: KeptTale, artifact: Artifact, story: Tale) -> None:
        """Delivered before it counts as done: a bot that dies between the two delivers it again under its nonces."""
        known = await self._tales.get(tale.id) or tale
        if known.state is TaleState.ERASED:
            return
        # Its buttons may be pressed before the last part is posted: they must find what it was.
        known = await self._tales.change(tale.id, artifact=artifact, title=story.story.title)
        delivered = await self._faces.deliver(known, story)
        after = await self._tales.get(tale.id)
        if after is None or after.state is not TaleState.OPEN:
            return  # it turned out that it must not be
        await self._tales.finish(tale.id, artifact, story, delivered)

    async def _closed(self, tale: KeptTale, state: TaleState) -> None:
        known = await self._tales.get(tale.id)
        if known is None or known.state is TaleState.UNFIT:
            return  # erased meanwhile, or about to be
        await self._tales.change(tale.id, state=state, interaction_token="", finished_at=self._clock())


def unsteady() -> tuple[type[BaseException], ...]:
    """What may befall a follower and pass: it follows again."""
    from sqlalchemy.exc import SQLAlchemyError  # whoever has a library has it; without, it is a third of a start

    return (TaleError, discord.DiscordException, aiohttp.ClientError, SQLAlchemyError, OSError, TimeoutError)
