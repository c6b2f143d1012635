"""Follows tales from wish to delivery."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import structlog

from bot.library.records import DeliveryOptions, KeptTale, TaleState
from bot.pools import Pool, Pools
from bot.tracker.ending import Ending, Remember
from bot.tracker.outputs import Faces, unsteady
from pipeline.artifacts import Artifacts
from pipeline.errors import TaleError
from pipeline.log import log_of
from pipeline.road.door import Door
from pipeline.words.prompt import Prompt
from pipeline.words.request import Asked, Tell

if TYPE_CHECKING:
    from bot.library.tales import Tales

_FIRST_WAIT_S, _MOST_WAIT_S = 1.0, 60.0  # between two tries to follow a tale; doubled after each
LOOK_S = 120.0
"""Seconds between two looks for open tales that nothing follows."""
log = log_of("teller")


@dataclass(frozen=True)
class TaleRequest:
    """A wish that passed the gate."""

    id: str
    """The job's id, uuid4 hex."""
    server: str
    channel: str
    member: str
    prompt: Prompt
    delivery: DeliveryOptions
    interaction_token: str = ""
    """Good for 15 minutes: the card is its answer."""
    sits_in: str = ""
    """The asker's voice channel, or ""."""
    first: str = ""
    """Id of the tale of which it makes a changed version."""


class Teller:
    """One task for each open tale, which follows its job on the road; the job outlives it."""

    def __init__(
        self,
        door: Door,
        artifacts: Artifacts,
        tales: Tales,
        faces: Faces,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        files: Pool | None = None,
        remember: Remember | None = None,
        *,
        web: bool = False,
    ) -> None:
        """With `web` it follows what is asked for through the open door, else everything else."""
        self._web = web
        self._door, self._tales, self._faces = door, tales, faces
        self._ending = Ending(artifacts, tales, faces.deliver, clock, files or Pools().files, remember)
        self._clock, self._sleep = clock, sleep
        self._following: dict[str, asyncio.Task[None]] = {}
        self._carded: dict[str, asyncio.Event] = {}
        self._beginning: set[str] = set()
        """Ids of wishes on their way to the road, which are followed once they are asked."""
        self._looking: asyncio.Task[None] | None = None
        self._closing = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Cancel all tasks; their tales stay open and are taken up by the next bot."""
        self._closing = True
        tasks = [*self._following.values(), *([self._looking] if self._looking else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def begin(self, wish: TaleRequest) -> KeptTale:
        """Keep, ask and follow a tale; raises Refused where too much waits."""
        given = {name: value for name, value in vars(wish).items() if name != "sits_in"}
        tale = KeptTale(**given, asked_at=self._clock())
        self._beginning.add(tale.id)
        try:
            # The row first: a job without a row would be found by no restart, and its words by no erase.
            await self._tales.add(tale)
            await self._ask(tale)
        except TaleError:
            await self._ending.close(tale, TaleState.FAILED)
            raise
        else:
            self._follow(tale, wish.sits_in)
        finally:
            self._beginning.discard(tale.id)
        return tale

    async def carded(self, tale: str) -> None:
        """Wait until its card is posted, or cannot be: a message sent before would take the card's place."""
        if tale in self._carded:
            await self._carded[tale].wait()

    async def cancel(self, tale: str) -> None:
        """Stop a tale's job; its card hears the event."""
        await self._door.cancel(tale)

    @property
    def open(self) -> int:
        """Tales that are followed now."""
        return len(self._following)

    async def resume(self) -> int:
        """Take up what an earlier bot left open, now and from time to time; returns how many."""
        if self._looking is None and not self._closing:
            self._looking = asyncio.create_task(self._look_for_ever(), name="open tales")
        return await self._taken_up()

    async def _look_for_ever(self) -> None:
        """Take up tales whose task broke, without waiting for a restart."""
        while True:
            await self._sleep(LOOK_S)
            try:
                if left := await self._taken_up():
                    log.warning("tales_followed_again", tales=left)
            except unsteady() as error:
                log.warning("open_tales_unread", why=repr(error)[:300])

    async def _taken_up(self) -> int:
        left = [tale for tale in await self._tales.open_ones(web=self._web) if tale.id not in self._beginning]
        return sum(self._follow(tale, "", ask=True) for tale in left)

    async def _ask(self, tale: KeptTale) -> None:
        request = Tell(tale.prompt, live=tale.delivery.where.aloud)
        await self._door.ask(Asked(tale.id, request, tale.server, tale.member))

    def _follow(self, tale: KeptTale, sits_in: str, *, ask: bool = False) -> bool:
        """Follow a tale; False where it is followed already."""
        if self._closing or tale.id in self._following:
            return False  # READY or a member's wish may come while the bot stops: the next bot takes the tale up
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
        """Follow a tale to its end, again after any outage of any length: what was made must be delivered."""
        structlog.contextvars.bind_contextvars(job=tale.id)
        wait_s = _FIRST_WAIT_S
        known: KeptTale | None = tale
        while known is not None and known.state is TaleState.OPEN:
            try:
                if ask:
                    await self._ask(known)  # asked twice it is asked once; its row may be older than its job
                await self._followed(known, sits_in)
            except unsteady() as error:
                log.warning("follower_retries", why=repr(error)[:300], again_in_s=wait_s)
            else:
                return
            await self._sleep(wait_s)
            wait_s = min(_MOST_WAIT_S, wait_s * 2)
            known = await self._still(known)

    async def _still(self, tale: KeptTale) -> KeptTale | None:
        """Return the tale as the library has it now; None where it was erased, which must not be undone."""
        try:
            return await self._tales.get(tale.id)
        except unsteady() as error:
            log.warning("library_not_read", why=repr(error)[:300])
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
                # Read before anybody hears it: a finished tale whose file is damaged is a failure for all of them.
                event, story = await self._ending.read(told.event)
                card.feed(event)
                for follower in self._faces.followers:
                    follower.heard(tale, event)
                await self._ending.conclude(tale, card, event, story)
        finally:
            for follower in self._faces.followers:
                follower.ended(tale)
            await card.close()
