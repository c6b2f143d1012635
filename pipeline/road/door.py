"""The bot's client of the job queue."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Self, TypeVar

from pipeline.artifacts import Artifacts
from pipeline.errors import TaleCancelled, TaleError
from pipeline.road.keepsakes import HOLDING, Keepsake
from pipeline.road.listener import LAST, EventAt
from pipeline.road.lock import holder, last_beat, lives
from pipeline.road.timetable import Recurring
from pipeline.words.event import Done, Failed, Stopped
from pipeline.words.jsonable import from_json
from pipeline.words.request import Asked
from pipeline.words.sound import Artifact

if TYPE_CHECKING:
    from pipeline.road.desk import Desk

__all__ = ["HOLDING", "Door", "EventAt", "Keepsake", "door", "holder", "last_beat", "lives", "read_answer"]

T = TypeVar("T")
READING = 4
"""How many answers are read at a time."""


class Door:
    """The queue as the bot sees it, opened once; no call blocks the event loop, one thread reads for all followers."""

    def __init__(self, open_desk: Callable[[], Desk]) -> None:
        self._open_desk = open_desk
        self._desk: Desk | None = None
        # An answer may have to come from a depot that is slow or away: what asks the database does not wait for it.
        self._reading = ThreadPoolExecutor(READING, thread_name_prefix="echotales-answers")

    async def __aenter__(self) -> Self:
        self._desk = await asyncio.to_thread(self._open_desk)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reading.shutdown(wait=False, cancel_futures=True)
        if self._desk is not None:
            await asyncio.to_thread(self._desk.close)

    async def ask(self, wish: Asked) -> None:
        """Enqueue a job durably; asking twice with one id asks once. Raises Refused where too many wait."""
        await asyncio.to_thread(self._at_desk.ask, wish)

    async def answered(self, wish: Asked, kind: type[T], artifacts: Artifacts) -> T:
        """Enqueue a short job and wait: `await door.answered(Asked(job, Transcribe(sound)), Transcribed, artifacts)`.

        `kind` is the answer's in words/answer.py, or Tale for a `Tell`. Raises TaleError with what it failed with, and
        TaleCancelled where it was stopped; whoever gives up waiting stops it.
        """
        await self.ask(wish)
        try:
            async for told in self.follow(wish.job):
                match told.event:
                    case Done(tale=artifact):
                        read = partial(read_answer, artifact, kind, artifacts)
                        return await asyncio.get_running_loop().run_in_executor(self._reading, read)
                    case Failed(code=code, fields=fields):
                        raise TaleError(code, **fields)
                    case Stopped():
                        raise TaleCancelled
        except asyncio.CancelledError:
            await asyncio.shield(self.cancel(wish.job))
            raise
        raise AssertionError("a job has a last word")

    async def cancel(self, job: str) -> None:
        """Stop a job, waiting or running; its followers hear `Stopped`."""
        await asyncio.to_thread(self._at_desk.cancel, job)

    async def due(self, slot: Recurring, since: datetime, until: datetime) -> list[datetime]:
        """When it was due in between."""
        return await asyncio.to_thread(self._at_desk.due, slot, since, until)

    async def forget_slots(self, prefix: str, kept: Iterable[str]) -> None:
        """Forget when things are due whose names begin so, except these."""
        await asyncio.to_thread(self._at_desk.forget_slots, prefix, kept)

    async def pace(self) -> tuple[float, float]:
        """Return the least and most seconds that a word of a tale takes here; 0 before the first tale."""
        return await asyncio.to_thread(self._pace)

    async def keepsakes(self, member: str, jobs: Iterable[str] = ()) -> list[Keepsake]:
        """Return every row that the queue keeps of this member, and of these jobs."""
        return await asyncio.to_thread(self._kept, member, jobs)

    async def halt(self, jobs: Iterable[str]) -> None:
        """Stop these jobs and wait until nothing of theirs is written any more."""
        from pipeline.road.keepsakes import halt

        await asyncio.to_thread(halt, self._at_desk.ledger, list(jobs))

    async def jobs_of(self, member: str) -> list[str]:
        """Return the ids of all jobs that this member asked for."""
        from pipeline.road.keepsakes import jobs_of

        return await asyncio.to_thread(jobs_of, self._at_desk.ledger, member)

    async def tell_erased(self, gone: Iterable[Artifact]) -> None:
        """Tell every worker to remove its copies."""
        from pipeline.road.erased import tell

        await asyncio.to_thread(tell, self._at_desk.ledger, list(gone))

    async def forget_old(self, now: float) -> None:
        """Remove marks and times that are no longer needed."""
        from pipeline.road.erased import forget_old

        await asyncio.to_thread(forget_old, self._at_desk.ledger, now)

    async def loose_ones(self) -> list[Artifact]:
        """Return files that ended jobs kept and none of their finished steps names."""
        from pipeline.road.keepsakes import loose_ones

        return await asyncio.to_thread(loose_ones, self._at_desk.ledger)

    async def forget_loose(self, gone: Iterable[Artifact]) -> None:
        """Remove these jobs' loose files from the list, once they are dealt with."""
        from pipeline.road.keepsakes import forget_loose

        await asyncio.to_thread(forget_loose, self._at_desk.ledger, list(gone))

    async def let_go(self, jobs: Iterable[str], *, packed: bool = False) -> int:
        """Stop these jobs and delete all their rows; returns how many.

        `packed`, no free page stays either; the database is taken while it is written anew.
        """
        from pipeline.road.keepsakes import let_go

        return await asyncio.to_thread(lambda: let_go(self._at_desk.ledger, jobs, packed=packed))

    async def in_line(self) -> Mapping[tuple[str, str], int]:
        """Count the open jobs by lane, and by `waiting` or `running`."""
        from pipeline.road.lanes import in_line

        return await asyncio.to_thread(in_line, self._at_desk.ledger)

    async def spent_after(self, number: int) -> tuple[int, list[tuple[str, float]]]:
        """Return how long stages took since that entry, and the number to ask from next."""
        from pipeline.road.lanes import spent_after

        return await asyncio.to_thread(spent_after, self._at_desk.ledger, number)

    async def old_jobs(self, before_s: float) -> list[str]:
        """Return jobs that ended before then (seconds since the epoch)."""
        from pipeline.road.keepsakes import old_jobs

        return await asyncio.to_thread(old_jobs, self._at_desk.ledger, before_s)

    async def follow(self, job: str, since: int = 0, *, soon: bool = False) -> AsyncIterator[EventAt]:
        """Yield all events published from an offset on, then new ones, to the end of the job; `soon` looks oftener."""
        loop = asyncio.get_running_loop()
        heard: asyncio.Queue[EventAt] = asyncio.Queue()

        def hear(told: EventAt) -> None:
            loop.call_soon_threadsafe(heard.put_nowait, told)

        with self._at_desk.following(job, since, hear, soon=soon):
            while True:
                told = await heard.get()
                yield told
                if isinstance(told.event, LAST):
                    return

    def _pace(self) -> tuple[float, float]:
        from pipeline.road.lanes import pace_of

        pace = pace_of(self._at_desk.ledger)
        return pace.least_s, pace.most_s

    def _kept(self, member: str, jobs: Iterable[str]) -> list[Keepsake]:
        from pipeline.road.keepsakes import jobs_of, kept

        mine = jobs_of(self._at_desk.ledger, member) if member else []
        return kept(self._at_desk.ledger, sorted({*mine, *jobs}))

    @property
    def _at_desk(self) -> Desk:
        assert self._desk is not None, "a door is opened before it is used"
        return self._desk


def read_answer(artifact: Artifact, kind: type[T], artifacts: Artifacts) -> T:
    """Read the answer that a job's last event names."""
    return from_json(kind, json.loads(artifacts.read(artifact)))


def door(database_url: str, key: str = "") -> Door:
    """Return a client of the queue in this database, its words sealed by the key; missing tables are made."""

    def open_desk() -> Desk:
        # The engine costs half a second to import: off the event loop, and not before somebody opens the door.
        from pipeline.road.desk import Desk

        return Desk(database_url, key=key)

    return Door(open_desk)
