"""Reads all followed jobs' events on one thread."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from pipeline.errors import Damaged
from pipeline.log import log_of
from pipeline.road.engine import STREAM, seal_of
from pipeline.road.lanes import places
from pipeline.road.ledger import OPEN, PENDING, Ledger, jobs, streams
from pipeline.words.event import Done, Event, Failed, Stopped, key_of
from pipeline.words.jsonable import event_from_json

LAST = (Done, Failed, Stopped)
"""The last event of a job is one of these."""


@dataclass(frozen=True)
class EventAt:
    """An event with its place in the job's stream."""

    event: Event
    next: int
    """Offset to follow from, so that this one does not come again."""


TICK_S, SOON_TICK_S = 0.06, 0.015
"""Seconds between two reads of running jobs."""
SLOW_TICKS = 50
"""Every so many ticks all jobs are looked at, waiting ones too."""
ENDED_LATELY_S = 5.0
"""A job that ended within so many seconds, by the wall clock, is read at every tick; a slow tick finds the others."""
_PLACES_SHARE = 0.01
"""Share of a core that may be spent on telling waiting members their place in line."""
_AT_ONCE = 500
"""Most jobs in one query: every database has a ceiling of parameters."""
log = log_of("road")
Hear = Callable[[EventAt], None]


@dataclass(eq=False)
class _Follower:
    job: str
    next: int
    hear: Hear
    known: set[str] = field(default_factory=set)
    over: bool = False
    place: int = -1


_Listening = dict[str, tuple[_Follower, ...]]
_STATES = sa.select(jobs.c.workflow_uuid, jobs.c.status)
# Two looks by an index each: joined by "or", every job there is would be walked through.
_MOVING = sa.union_all(
    _STATES.where(jobs.c.status == PENDING), _STATES.where(jobs.c.completed_at > sa.bindparam("lately_ms"))
)


class Listener:
    """Follows jobs. Each tick reads only those that run or just ended: no other can have news, however many wait."""

    def __init__(self, ledger: Ledger, tick_s: float = TICK_S) -> None:
        self._ledger = ledger
        self._tick_s = tick_s
        self._lock = threading.Lock()
        self._listening: _Listening = {}
        self._fresh: set[str] = set()
        self._hurried = 0
        self._running: set[str] = set()
        self._clock = time.monotonic
        self._place_again_s = float("-inf")
        self.unreadable = 0
        """Number of events that could not be read and were skipped."""
        self._closed = threading.Event()
        self._wanted = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="road-listener", daemon=True)
        self._thread.start()

    @contextmanager
    def following(self, job: str, since: int, hear: Hear, *, soon: bool = False) -> Iterator[None]:
        """Follow one job until the block ends; `soon` looks more often, for who waits for a first sound."""
        follower = _Follower(job, since, hear)
        with self._lock:
            self._listening[job] = (*self._listening.get(job, ()), follower)
            self._fresh.add(job)
            self._hurried += soon
        self._wanted.set()
        try:
            yield
        finally:
            with self._lock:
                self._hurried -= soon
                left = tuple(one for one in self._listening[job] if one is not follower)
                if left:
                    self._listening[job] = left
                else:
                    del self._listening[job]

    def close(self) -> None:
        """End the thread and wait for it."""
        self._closed.set()
        self._wanted.set()
        self._thread.join()

    def _listen(self) -> None:
        ticks = 0
        while not self._closed.is_set():
            if not self._listening:
                self._wanted.wait()
            self._wanted.clear()
            ticks += 1
            try:
                self._look(everybody=ticks % SLOW_TICKS == 0)
            except sa.exc.DatabaseError as error:
                log.warning("queue_not_read", why=str(error).splitlines()[0])
                self._closed.wait(1.0)
            except Exception as error:
                # Nobody may grow deaf for good because of one row that nobody can read.
                log.exception("queue_not_read", why=str(error))
                self._closed.wait(1.0)
            self._closed.wait(SOON_TICK_S if self._hurried else self._tick_s)

    def _look(self, *, everybody: bool) -> None:
        with self._lock:
            # One picture for the whole look: who comes in between is told everything by the next.
            listening = dict(self._listening)
            fresh, self._fresh = self._fresh, set()
        try:
            # States first: what a finished job published before is then surely read with it.
            states = self._moving(listening)
            running = {job for job, state in states.items() if state == "PENDING"}
            states |= self._states(sorted(listening if everybody else fresh & listening.keys()))
            with_news = {job for job, state in states.items() if state != "ENQUEUED"} | self._running | fresh
            self._tell_news(listening, with_news & listening.keys())
            for job, state in states.items():
                for follower in listening[job]:
                    _end(follower, state)
            waiting = {job for job, state in states.items() if state == "ENQUEUED"}
            due = everybody and self._clock() > self._place_again_s
            if due or waiting & fresh:
                took_s = self._place([one for job in waiting for one in listening[job]])
                self._place_again_s = self._clock() + took_s / _PLACES_SHARE if due else self._place_again_s
        except sa.exc.DatabaseError:
            with self._lock:
                self._fresh |= fresh
            raise
        self._running = running

    def _moving(self, listening: _Listening) -> dict[str, str]:
        """Return the followed jobs that run or ended lately."""
        lately_ms = round((time.time() - ENDED_LATELY_S) * 1000)
        rows = self._ledger.rows(_MOVING.params(lately_ms=lately_ms))
        awake = (row for row in rows if any(not one.over for one in listening.get(row[0], ())))
        return {row[0]: row[1] for row in awake}

    def _states(self, wanted: list[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for at in range(0, len(wanted), _AT_ONCE):
            rows = self._ledger.rows(_STATES.where(jobs.c.workflow_uuid.in_(wanted[at : at + _AT_ONCE])))
            found |= {row[0]: row[1] for row in rows}
        return found

    def _tell_news(self, listening: _Listening, wanted: set[str]) -> None:
        heard = {job: [one.next for one in listening[job] if not one.over] for job in sorted(wanted)}
        since = {job: min(offsets) for job, offsets in heard.items() if offsets}
        for at in range(0, len(since), _AT_ONCE):
            some = dict(list(since.items())[at : at + _AT_ONCE])
            for job, offset, event in self._news(some):
                for follower in listening[job]:
                    _tell(follower, offset, event)

    def _place(self, waiting: list[_Follower]) -> float:
        """Tell waiting followers their place, which is never stored since it changes; returns the seconds it took."""
        since_s = self._clock()
        found = places(self._ledger, {one.job for one in waiting}) if waiting else {}
        for follower in waiting:
            queued = found.get(follower.job)
            if queued is not None and queued.place != follower.place:
                follower.place = queued.place
                follower.hear(EventAt(queued, follower.next))
        return self._clock() - since_s

    def _news(self, since: dict[str, int]) -> Iterable[tuple[str, int, Event | None]]:
        after = sa.or_(*(sa.and_(streams.c.workflow_uuid == job, streams.c.offset >= at) for job, at in since.items()))
        query = sa.select(streams.c.workflow_uuid, streams.c.offset, streams.c.value).where(
            streams.c.key == STREAM, after
        )
        for job, offset, value in self._ledger.rows(query.order_by(streams.c.workflow_uuid, streams.c.offset)):
            yield job, offset, self._read(job, offset, value)

    def _read(self, job: str, offset: int, value: str) -> Event | None:
        """Return the event; None, to be skipped, where a newer version wrote it or another key sealed it."""
        try:
            data: dict[str, Any] = json.loads(seal_of(self._ledger.engine).open(value))
            return event_from_json(data)
        except (ValueError, LookupError, TypeError, Damaged) as error:
            self.unreadable += 1
            # No trace: it would hold the event, which is somebody's words.
            log.warning("event_unreadable", job=job, at=offset, why=type(error).__name__, so_far=self.unreadable)
            return None


def _tell(follower: _Follower, offset: int, event: Event | None) -> None:
    """Pass an event on, unless its key was passed on before."""
    if offset < follower.next or follower.over:
        return
    follower.next = offset + 1
    if event is None:
        return
    key = key_of(event)
    if key not in follower.known:
        follower.known.add(key)
        follower.over = isinstance(event, LAST)
        follower.hear(EventAt(event, follower.next))


def _end(follower: _Follower, state: str) -> None:
    """Report the end of jobs that ended without a last event."""
    if state not in OPEN and not follower.over:
        follower.over = True
        last: Event = Stopped() if state == "CANCELLED" else Failed("tale_broke", {"state": state})
        follower.hear(EventAt(last, follower.next))
