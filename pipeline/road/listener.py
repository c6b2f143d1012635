"""Everybody's events, read on one thread."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from pipeline.log import log_of
from pipeline.road.engine import STREAM
from pipeline.road.ledger import Ledger, jobs, streams
from pipeline.road.told import LAST, Told
from pipeline.words.event import Event, Failed, Stopped, key_of
from pipeline.words.jsonable import event_from_json

TICK_S = 0.06
"""How often running jobs are read."""
SLOW_TICKS = 16
"""Every how many ticks all jobs are looked at, also those that wait."""
_AT_ONCE = 500
"""Jobs in one question, below every database's ceiling of parameters."""
log = log_of("road")
Hear = Callable[[Told], None]


@dataclass(eq=False)
class _Follower:
    job: str
    next: int
    hear: Hear
    known: set[str] = field(default_factory=set)
    over: bool = False


class Listener:
    """Only jobs that run can have news: those alone are read at every tick, so a thousand waiting ones cost nothing."""

    def __init__(self, ledger: Ledger, tick_s: float = TICK_S) -> None:
        self._ledger = ledger
        self._tick_s = tick_s
        self._lock = threading.Lock()
        self._followers: list[_Follower] = []
        self._fresh: set[str] = set()
        self._running: set[str] = set()
        self._closed = threading.Event()
        self._wanted = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="road-listener", daemon=True)
        self._thread.start()

    @contextmanager
    def following(self, job: str, since: int, hear: Hear) -> Iterator[None]:
        """News of one job until the block ends."""
        follower = _Follower(job, since, hear)
        with self._lock:
            self._followers.append(follower)
            self._fresh.add(job)
        self._wanted.set()
        try:
            yield
        finally:
            with self._lock:
                self._followers.remove(follower)

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        self._wanted.set()
        self._thread.join()

    def _listen(self) -> None:
        ticks = 0
        while not self._closed.is_set():
            if not self._followers:
                self._wanted.wait()
            self._wanted.clear()
            ticks += 1
            try:
                self._look(everybody=ticks % SLOW_TICKS == 0)
            except sa.exc.DatabaseError as error:
                log.warning("road_unheard", why=str(error).splitlines()[0])
                self._closed.wait(1.0)
            self._closed.wait(self._tick_s)

    def _look(self, *, everybody: bool) -> None:
        with self._lock:
            followed = {one.job for one in self._followers if not one.over}
            fresh, self._fresh = self._fresh, set()
        pending = {row[0] for row in self._ledger.rows(sa.select(jobs.c.workflow_uuid).where(jobs.c.status == "PENDING"))}
        running = pending & followed
        try:
            self._read(followed if everybody else followed & (running | self._running | fresh))
        except sa.exc.DatabaseError:
            self._fresh |= fresh
            raise
        self._running = running

    def _read(self, wanted: set[str]) -> None:
        ordered = sorted(wanted)
        for some in (ordered[at : at + _AT_ONCE] for at in range(0, len(ordered), _AT_ONCE)):
            # States first: what a finished job published before is then surely read with it.
            states = dict(self._states(some))
            since = {job: min(one.next for one in self._of(job)) for job in some if self._of(job)}
            for job, offset, event in self._news(since):
                self._tell(job, offset, event)
            for job, state in states.items():
                self._end(job, state)

    def _states(self, wanted: Iterable[str]) -> Iterable[tuple[str, str]]:
        query = sa.select(jobs.c.workflow_uuid, jobs.c.status).where(jobs.c.workflow_uuid.in_(list(wanted)))
        return [(row[0], row[1]) for row in self._ledger.rows(query)]

    def _news(self, since: dict[str, int]) -> Iterable[tuple[str, int, Event]]:
        if not since:
            return
        after = sa.or_(*(sa.and_(streams.c.workflow_uuid == job, streams.c.offset >= at) for job, at in since.items()))
        query = sa.select(streams.c.workflow_uuid, streams.c.offset, streams.c.value).where(streams.c.key == STREAM, after)
        for job, offset, value in self._ledger.rows(query.order_by(streams.c.workflow_uuid, streams.c.offset)):
            data: dict[str, Any] = json.loads(value)
            yield job, offset, event_from_json(data)

    def _tell(self, job: str, offset: int, event: Event) -> None:
        for follower in self._of(job):
            key = key_of(event)
            if offset >= follower.next:
                follower.next = offset + 1
                if key not in follower.known:
                    follower.known.add(key)
                    follower.over = isinstance(event, LAST)
                    follower.hear(Told(event, follower.next))

    def _end(self, job: str, state: str) -> None:
        """Jobs that ended without a last word of their own."""
        if state in ("ENQUEUED", "PENDING", "DELAYED"):
            return
        last: Event = Stopped() if state == "CANCELLED" else Failed("tale_broke", {"state": state})
        for follower in self._of(job):
            if not follower.over:
                follower.over = True
                follower.hear(Told(last, follower.next))

    def _of(self, job: str) -> list[_Follower]:
        with self._lock:
            return [one for one in self._followers if one.job == job and not one.over]
