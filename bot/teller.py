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
from bot.library.kept import Delivery, KeptTale, TaleState
from pipeline.artifacts import Artifacts
from pipeline.errors import TaleError
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
_MOST_TRIES = 12
"""Then it is left to the next start, which takes up every open tale."""
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
    ) -> None:
        self._door, self._artifacts, self._tales, self._faces = door, artifacts, tales, faces
        self._clock, self._sleep = clock, sleep
        self._following: dict[str, asyncio.Task[None]] = {}
        self._carded: dict[str, asyncio.Event] = {}
        self._closing = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Followers go; their tales stay open and are taken up by the next bot."""
        self._closing = True
        tasks = list(self._following.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def begin(self, wish: Wish) -> KeptTale:
        """Kept, asked and followed; raises Refused where too much waits."""
        given = {name: value for name, value in vars(wish).items() if name != "sits_in"}
        tale = KeptTale(**given, asked_at=self._clock())
        await self._tales.add(tale)
        try:
            await self._ask(tale)
        except TaleError:
            await self._closed(tale, TaleState.FAILED)
            raise
        self._follow(tale, wish.sits_in)
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
        """Take up what an earlier bot left open; says how many."""
        left = [tale for tale in await self._tales.open_ones() if tale.id not in self._following]
        for tale in left:
            self._follow(tale, "", ask=True)
        return len(left)

    async def _ask(self, tale: KeptTale) -> None:
        request = Tell(tale.prompt, live=tale.delivery.where.aloud)
        await self._door.ask(Asked(tale.id, request, tale.server, tale.member))

    def _follow(self, tale: KeptTale, sits_in: str, *, ask: bool = False) -> None:
        if self._closing:
            return  # Discord may say that we are ready, or a member ask, while we go: the next bot takes it up
        task = asyncio.create_task(self._to_the_end(tale, sits_in, ask=ask), name=f"tale {tale.id}")
        self._following[tale.id], self._carded[tale.id] = task, asyncio.Event()
        task.add_done_callback(lambda done: self._gone(tale.id, done))

    def _gone(self, tale: str, task: asyncio.Task[None]) -> None:
        self._following.pop(tale, None)
        self._carded.pop(tale).set()
        if not task.cancelled() and (error := task.exception()):
            log.error("follower_broke", job=tale, exc_info=error)  # it stays open: the next start takes it up

    async def _to_the_end(self, tale: KeptTale, sits_in: str, *, ask: bool) -> None:
        """Whatever is unsteady, it is followed again: what was told must be delivered."""
        structlog.contextvars.bind_contextvars(job=tale.id)
        wait_s = _FIRST_WAIT_S
        for _ in range(_MOST_TRIES):
            try:
                if ask:
                    await self._ask(tale)  # asked twice it is asked once; its row may be older than its job
                await self._followed(tale, sits_in)
            except unsteady() as error:
                log.warning("follower_unsteady", why=repr(error)[:300], again_in_s=wait_s)
            else:
                return
            await self._sleep(wait_s)
            wait_s = min(_MOST_WAIT_S, wait_s * 2)
            known = await self._tales.get(tale.id)
            if known is None:
                return  # erased while it was told: to ask for it again would bring its words back
            tale = known

    async def _followed(self, tale: KeptTale, sits_in: str) -> None:
        card = await self._faces.card(tale)
        await card.start()
        self._carded[tale.id].set()
        card.paced(*await self._door.pace())
        for follower in self._faces.followers:
            follower.began(tale, card, sits_in)
        try:
            async for told in self._door.follow(tale.id):
                card.feed(told.event)
                for follower in self._faces.followers:
                    follower.heard(tale, told.event)
                await self._concluded(tale, card, told.event)
        finally:
            for follower in self._faces.followers:
                follower.ended(tale)
            await card.close()

    async def _concluded(self, tale: KeptTale, card: Card, event: Event) -> None:
        match event:
            case Done(tale=artifact):
                await card.heard_out()
                await self._told(tale, artifact)
            case Failed(code=code):
                log.warning("tale_failed", code=code)
                await self._closed(tale, TaleState.FAILED)
            case Stopped():
                await self._closed(tale, TaleState.STOPPED)

    async def _told(self, tale: KeptTale, artifact: Artifact) -> None:
        """Delivered before it counts as done: a bot that dies between the two delivers it again under its nonces."""
        story = await asyncio.to_thread(read_answer, artifact, Tale, self._artifacts)
        known = await self._tales.get(tale.id) or tale
        if known.state is TaleState.ERASED:
            return
        # Its buttons may be pressed before the last part is posted: they must find what it was.
        known = await self._tales.change(tale.id, artifact=artifact, title=story.story.title)
        delivered = await self._faces.deliver(known, story)
        await self._tales.finish(tale.id, artifact, story, delivered)

    async def _closed(self, tale: KeptTale, state: TaleState) -> None:
        await self._tales.change(tale.id, state=state, interaction_token="", finished_at=self._clock())


def unsteady() -> tuple[type[BaseException], ...]:
    """What may befall a follower and pass: it follows again."""
    from sqlalchemy.exc import SQLAlchemyError  # whoever has a library has it; without, it is a third of a start

    return (TaleError, discord.DiscordException, aiohttp.ClientError, SQLAlchemyError, OSError, TimeoutError)
