"""Everybody's events, read on one thread."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from pipeline.log import log_of
from pipeline.road.engine import STREAM, seal_of
from pipeline.road.estimate import places
from pipeline.road.ledger import OPEN, Ledger, jobs, streams
from pipeline.road.told import LAST, Told
from pipeline.words.event import Event, Failed, Stopped, key_of
from pipeline.words.jsonable import event_from_json

TICK_S = 0.06
"""How often running jobs are read."""
SLOW_TICKS = 16
"""Every how many ticks all jobs are looked at, also those that wait."""
PLACES_EVERY_S = 3.0
"""How often those who wait hear their place in line."""
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
    place: int = -1


_Listening = dict[str, list[_Follower]]
_PENDING = sa.select(jobs.c.workflow_uuid).where(jobs.c.status == "PENDING")


class Listener:
    """Only jobs that run can have news: those alone are read at every tick, so a thousand waiting ones cost nothing."""

    def __init__(self, ledger: Ledger, tick_s: float = TICK_S) -> None:
        self._ledger = ledger
        self._tick_s = tick_s
        self._lock = threading.Lock()
        self._followers: list[_Follower] = []
        self._fresh: set[str] = set()
        self._running: set[str] = set()
        self._clock = time.monotonic
        self._placed_s = float("-inf")
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
            except Exception as error:
                # Nobody may grow deaf for good because of one row that nobody can read.
                log.exception("road_unheard", why=str(error))
                self._closed.wait(1.0)
            self._closed.wait(self._tick_s)

    def _look(self, *, everybody: bool) -> None:
        with self._lock:
            # One list for the whole look: who comes in between is told everything by the next.
            listening = _by_job(one for one in self._followers if not one.over)
            fresh, self._fresh = self._fresh, set()
        try:
            running = {row[0] for row in self._ledger.rows(_PENDING)} & listening.keys()
            moved = (running | self._running | fresh) & listening.keys()
            wanted = sorted(listening if everybody else moved)
            states: list[tuple[str, str]] = []
            for at in range(0, len(wanted), _AT_ONCE):
                states += self._read({job: listening[job] for job in wanted[at : at + _AT_ONCE]}, moved)
            waiting = {job for job, state in states if state == "ENQUEUED"}
            if waiting & fresh or self._clock() - self._placed_s > PLACES_EVERY_S:
                self._place([one for job in waiting for one in listening[job]])
        except sa.exc.DatabaseError:
            with self._lock:
                self._fresh |= fresh
            raise
        self._running = running

    def _read(self, listening: _Listening, moved: set[str]) -> list[tuple[str, str]]:
        """Jobs that only wait have no news, and only their state is asked."""
        # States first: what a finished job published before is then surely read with it.
        query = sa.select(jobs.c.workflow_uuid, jobs.c.status).where(jobs.c.workflow_uuid.in_(listening))
        states = [(row[0], row[1]) for row in self._ledger.rows(query)]
        with_news = {job for job, state in states if state != "ENQUEUED"} | (moved & listening.keys())
        for job, offset, event in self._news({job: min(one.next for one in listening[job]) for job in with_news}):
            for follower in listening[job]:
                _tell(follower, offset, event)
        for job, state in states:
            for follower in listening[job]:
                _end(follower, state)
        return states

    def _place(self, waiting: list[_Follower]) -> None:
        """Not stored: a place in line is true only now."""
        if waiting:
            self._placed_s = self._clock()
            found = places(self._ledger, {one.job for one in waiting})
            for follower in waiting:
                queued = found.get(follower.job)
                if queued is not None and queued.place != follower.place:
                    follower.place = queued.place
                    follower.hear(Told(queued, follower.next))

    def _news(self, since: dict[str, int]) -> Iterable[tuple[str, int, Event]]:
        if not since:
            return
        after = sa.or_(*(sa.and_(streams.c.workflow_uuid == job, streams.c.offset >= at) for job, at in since.items()))
        query = sa.select(streams.c.workflow_uuid, streams.c.offset, streams.c.value).where(
            streams.c.key == STREAM, after
        )
        for job, offset, value in self._ledger.rows(query.order_by(streams.c.workflow_uuid, streams.c.offset)):
            data: dict[str, Any] = json.loads(seal_of(self._ledger.engine).open(value))
            yield job, offset, event_from_json(data)


def _by_job(followers: Iterable[_Follower]) -> _Listening:
    found: _Listening = {}
    for one in followers:
        found.setdefault(one.job, []).append(one)
    return found


def _tell(follower: _Follower, offset: int, event: Event) -> None:
    """Each key once: what is told twice is not heard twice."""
    if offset < follower.next or follower.over:
        return
    follower.next = offset + 1
    key = key_of(event)
    if key not in follower.known:
        follower.known.add(key)
        follower.over = isinstance(event, LAST)
        follower.hear(Told(event, follower.next))


def _end(follower: _Follower, state: str) -> None:
    """Jobs that ended without a last word of their own."""
    if state not in OPEN and not follower.over:
        follower.over = True
        last: Event = Stopped() if state == "CANCELLED" else Failed("tale_broke", {"state": state})
        follower.hear(Told(last, follower.next))
