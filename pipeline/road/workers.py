"""Which workers live; re-queues dead ones' jobs."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product

import sqlalchemy as sa

from pipeline.errors import Unwell
from pipeline.log import log_of
from pipeline.road.lanes import CPU, GPU, LIVE, SHORT, UPLOAD, queue_of
from pipeline.road.ledger import OPEN, PENDING, Ledger, asked, devices, jobs, workers

DEAD_AFTER_S = 20.0
"""Seconds without a beat, by our own clock, after which a worker counts as dead; it gives up by itself before."""
_AT_ONCE = 500
log = log_of("road")


class Janitor:
    """Watches every worker's beat with a clock of its own: nobody's wall clock is trusted."""

    def __init__(
        self,
        ledger: Ledger,
        me: str,
        kind: str = CPU,
        dead_after_s: float = DEAD_AFTER_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger = ledger
        self._me = me
        self._kind = kind
        self._dead_after_s = dead_after_s
        self._clock = clock
        self._seen: dict[str, tuple[int, float]] = {}
        self._idle: set[str] = set()

    def sweep(self) -> int:
        """Put the jobs of dead workers back in their queue; returns how many."""
        now_s = self._clock()
        beats: dict[str, int] = {}
        for name, number, beat in self._ledger.rows(sa.select(workers.c.name, workers.c.number, workers.c.beat)):
            beats[executor_id(name, number)] = beat
        for executor, beat in beats.items():
            if self._seen.get(executor, (-1, 0.0))[0] != beat:
                self._seen[executor] = (beat, now_s)
        left = self._holders() - {self._me}
        # A number nobody beats for any more was replaced by a newer one, which had waited for its end.
        dead = {one for one in left if one not in beats or self._is_silent(one, now_s)}
        self._forget_finished()
        alive = {one.rpartition("#")[0] for one in beats if not self._is_silent(one, now_s)}
        bring_over(self._ledger, self._kind, alive)
        return take_up(self._ledger, dead) if dead else 0

    def pick_up(self, at_work: Iterable[str]) -> int:
        """Put our own jobs back that no thread works on; returns how many."""
        # Such jobs are left where the database was away as they stopped. Only those idle at two looks in a row
        # count: a job that begins just now may be in the database before a thread has it.
        mine = sa.select(jobs.c.workflow_uuid).where(jobs.c.status == PENDING, jobs.c.executor_id == self._me)
        before, self._idle = self._idle, {row[0] for row in self._ledger.rows(mine)} - set(at_work)
        left = before & self._idle
        return take_up(self._ledger, [self._me], left) if left else 0

    def _is_silent(self, executor: str, now_s: float) -> bool:
        return now_s - self._seen[executor][1] > self._dead_after_s

    def _holders(self) -> set[str]:
        held = sa.select(jobs.c.executor_id).where(jobs.c.status == PENDING).distinct()
        return {row[0] for row in self._ledger.rows(held)}

    def _forget_finished(self) -> None:
        # Looked for first: a deletion locks out whoever asks for as long as it looks.
        known = sa.select(asked.c.job).outerjoin(jobs, jobs.c.workflow_uuid == asked.c.job)
        ended = known.where(sa.or_(jobs.c.status.is_(None), jobs.c.status.not_in(OPEN)))
        over = [row[0] for row in self._ledger.rows(ended.limit(_AT_ONCE))]
        if over:
            self._ledger.write(sa.delete(asked).where(asked.c.job.in_(over)))


def take_up(ledger: Ledger, dead: Iterable[str], only: Iterable[str] | None = None) -> int:
    """Put the jobs of these workers back in their queue; doing it twice changes nothing more."""
    # Without the version they began under, so that a worker of a newer one may take them.
    left = sa.update(jobs).where(jobs.c.status == PENDING, jobs.c.executor_id.in_(list(dead)))
    if only is not None:
        left = left.where(jobs.c.workflow_uuid.in_(list(only)))
    taken = ledger.write(
        left.values(status="ENQUEUED", owner_xid=None, application_version=None, started_at_epoch_ms=None)
    )
    if taken:
        log.info("jobs_requeued", jobs=taken, left_by=sorted(dead))
    return taken


def bring_over(ledger: Ledger, kind: str, alive: Iterable[str]) -> int:
    """Move jobs that wait for a kind of device no living worker has to our own kind's queue; returns how many."""
    had = {row[0] for row in ledger.rows(sa.select(devices.c.kind).where(devices.c.name.in_(list(alive))))}
    moved = 0
    for lane, other in product((LIVE, SHORT, UPLOAD), {CPU, GPU} - had - {kind}):
        there = sa.update(jobs).where(jobs.c.status == "ENQUEUED", jobs.c.queue_name == queue_of(lane, other))
        moved += ledger.write(there.values(queue_name=queue_of(lane, kind)))
    if moved:
        log.info("jobs_brought_over", jobs=moved, to=kind)
    return moved


def executor_id(name: str, number: int) -> str:
    """Return the name of a worker in the engine's rows."""
    return f"{name}#{number}"


BEAT_S = 2.0
_TWINS_BEAT_S = 3 * BEAT_S
"""Seconds for which a worker of our name on another machine is watched for a beat."""
WORKING, DRAINING = "working", "draining"


@dataclass(frozen=True)
class Enrolled:
    """A worker's place; a newer number under its name ends it."""

    ledger: Ledger
    name: str
    number: int

    @property
    def executor(self) -> str:
        """Its name in the engine's rows."""
        return executor_id(self.name, self.number)

    def beat(self) -> str | None:
        """Show that we live; returns what we are to do, or None when a newer number has our place."""
        mine = (workers.c.name == self.name, workers.c.number == self.number)
        self.ledger.write(sa.update(workers).where(*mine).values(beat=workers.c.beat + 1))
        found = self.ledger.rows(sa.select(workers.c.state).where(*mine))
        return str(found[0][0]) if found else None

    def leave(self) -> None:
        """Remove our row, so that nobody waits for us."""
        mine = sa.delete(workers).where(workers.c.name == self.name, workers.c.number == self.number)
        if self.ledger.write(mine):
            self.ledger.write(sa.delete(devices).where(devices.c.name == self.name))


def enrol(ledger: Ledger, name: str, kind: str = CPU, sleep: Callable[[float], None] = time.sleep) -> Enrolled:
    """Take the next number under this name; raises Unwell `worker_name_taken` if another machine's worker uses it."""
    place = _enrolled(ledger, name, sleep)
    if not ledger.write(sa.update(devices).where(devices.c.name == name).values(kind=kind)):
        ledger.write(sa.insert(devices).values(name=name, kind=kind))
    return place


def _enrolled(ledger: Ledger, name: str, sleep: Callable[[float], None]) -> Enrolled:
    found = ledger.rows(sa.select(workers.c.number, workers.c.host, workers.c.beat).where(workers.c.name == name))
    row = {"host": socket.gethostname(), "pid": os.getpid(), "beat": 0, "state": WORKING}
    if not found:
        number = _fresh_number()
        ledger.write(sa.insert(workers).values(row | {"name": name, "number": number}))
        return Enrolled(ledger, name, number)
    old, host, beat = found[0]
    if host != row["host"]:
        sleep(_TWINS_BEAT_S)
        if ledger.rows(sa.select(workers.c.beat).where(workers.c.name == name, workers.c.beat != beat)):
            raise Unwell("worker_name_taken", name=name)
    number = old + 1
    mine = sa.update(workers).where(workers.c.name == name, workers.c.number == old)
    if not ledger.write(mine.values(row | {"number": number})):
        raise Unwell("worker_name_taken", name=name)
    return Enrolled(ledger, name, number)


def ask_to_drain(ledger: Ledger, name: str) -> bool:
    """Ask a worker to take no new job, end those it has and leave; False if there is no such worker."""
    return ledger.write(sa.update(workers).where(workers.c.name == name).values(state=DRAINING)) > 0


def _fresh_number() -> int:
    """Return a number above every one this name ever had, also after its row was removed."""
    return int(time.time())
