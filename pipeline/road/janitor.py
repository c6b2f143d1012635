"""Takes up what the dead left lying."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from itertools import product

import sqlalchemy as sa

from pipeline.log import log_of
from pipeline.road.lanes import CPU, GPU, LIVE, SHORT, UPLOAD, queue_of
from pipeline.road.ledger import OPEN, PENDING, Ledger, asked, devices, jobs, workers

DEAD_AFTER_S = 20.0
"""Silence, by our own clock, after which a worker counts as dead; it gives up by itself well before."""
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
        """Resume the jobs of the dead; says how many."""
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
        """Our own jobs that no thread works on since the last look: the database was away as they stopped."""
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
    """Their jobs wait again, for whoever is free, whichever version they began under; done twice it is done once."""
    left = sa.update(jobs).where(jobs.c.status == PENDING, jobs.c.executor_id.in_(list(dead)))
    if only is not None:
        left = left.where(jobs.c.workflow_uuid.in_(list(only)))
    taken = ledger.write(
        left.values(status="ENQUEUED", owner_xid=None, application_version=None, started_at_epoch_ms=None)
    )
    if taken:
        log.info("jobs_taken_up", jobs=taken, left_by=sorted(dead))
    return taken


def bring_over(ledger: Ledger, kind: str, alive: Iterable[str]) -> int:
    """What waits for a kind of device that nobody alive has waits for ours; says how many."""
    had = {row[0] for row in ledger.rows(sa.select(devices.c.kind).where(devices.c.name.in_(list(alive))))}
    moved = 0
    for lane, other in product((LIVE, SHORT, UPLOAD), {CPU, GPU} - had - {kind}):
        there = sa.update(jobs).where(jobs.c.status == "ENQUEUED", jobs.c.queue_name == queue_of(lane, other))
        moved += ledger.write(there.values(queue_name=queue_of(lane, kind)))
    if moved:
        log.info("jobs_brought_over", jobs=moved, to=kind)
    return moved


def executor_id(name: str, number: int) -> str:
    """As the engine's rows call a worker."""
    return f"{name}#{number}"
