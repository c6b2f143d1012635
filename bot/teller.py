"""Tales from wish to last word."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

import structlog

from bot.library.kept import Delivery, KeptTale, TaleState, Where
from bot.library.tales import Tales
from pipeline.artifacts import Artifacts
from pipeline.errors import TaleError
from pipeline.log import log_of
from pipeline.road.door import Door, read_answer
from pipeline.words.event import Done, Event, Failed, Stopped
from pipeline.words.prompt import Prompt
from pipeline.words.request import Asked, Tell
from pipeline.words.sound import Artifact
from pipeline.words.tale import Tale

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


class Card(Protocol):
    """The message that lives."""

    async def start(self) -> None:
        """Post it, or find it again."""

    def feed(self, event: Event) -> None:
        """Never waits."""

    async def close(self) -> None:
        """Its last state is shown."""


class Teller:
    """One follower for each open tale; what it follows outlives it."""

    def __init__(
        self,
        door: Door,
        artifacts: Artifacts,
        tales: Tales,
        card_of: Callable[[KeptTale], Card],
        clock: Callable[[], float],
    ) -> None:
        self._door, self._artifacts, self._tales = door, artifacts, tales
        self._card_of, self._clock = card_of, clock
        self._following: dict[str, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Followers go; their tales stay open and are taken up by the next bot."""
        tasks = list(self._following.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def begin(self, wish: Wish) -> KeptTale:
        """Kept, asked and followed; raises Refused where too much waits."""
        tale = KeptTale(**vars(wish), asked_at=self._clock())
        await self._tales.add(tale)
        try:
            await self._ask(tale)
        except TaleError:
            await self._tales.change(tale.id, state=TaleState.FAILED, interaction_token="")
            raise
        self._follow(tale)
        return tale

    async def cancel(self, tale: str) -> None:
        """Stop it, wherever it stands; its card hears."""
        await self._door.cancel(tale)

    async def resume(self) -> int:
        """Take up what an earlier bot left open; says how many."""
        left = [tale for tale in await self._tales.open_ones() if tale.id not in self._following]
        for tale in left:
            await self._ask(tale)  # asked twice it is asked once; its row may be older than its job
            self._follow(tale)
        return len(left)

    async def _ask(self, tale: KeptTale) -> None:
        request = Tell(tale.prompt, live=tale.delivery.where is not Where.UPLOAD)
        await self._door.ask(Asked(tale.id, request, tale.server, tale.member))

    def _follow(self, tale: KeptTale) -> None:
        task = asyncio.create_task(self._followed(tale), name=f"tale {tale.id}")
        self._following[tale.id] = task
        task.add_done_callback(lambda _: self._following.pop(tale.id, None))

    async def _followed(self, tale: KeptTale) -> None:
        structlog.contextvars.bind_contextvars(job=tale.id)
        card = self._card_of(tale)
        await card.start()
        try:
            async for told in self._door.follow(tale.id):
                await self._heard(tale, told.event)
                card.feed(told.event)
        finally:
            await card.close()

    async def _heard(self, tale: KeptTale, event: Event) -> None:
        match event:
            case Done(tale=artifact):
                await self._told(tale, artifact)
            case Failed(code=code):
                log.warning("tale_failed", code=code)
                await self._tales.change(tale.id, state=TaleState.FAILED, interaction_token="")
            case Stopped():
                await self._tales.change(tale.id, state=TaleState.STOPPED, interaction_token="")

    async def _told(self, tale: KeptTale, artifact: Artifact) -> None:
        story = await asyncio.to_thread(read_answer, artifact, Tale, self._artifacts)
        await self._tales.finish(tale.id, artifact, story)
