"""Takes up what the dead left lying."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import sqlalchemy as sa

from pipeline.log import log_of
from pipeline.road.ledger import OPEN, Ledger, asked, jobs, workers

DEAD_AFTER_S = 20.0
"""Silence, by our own clock, after which a worker counts as dead; it gives up by itself well before."""
log = log_of("road")


class Janitor:
    """Watches every worker's beat with a clock of its own: nobody's wall clock is trusted."""

    def __init__(
        self,
        ledger: Ledger,
        me: str,
        dead_after_s: float = DEAD_AFTER_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger = ledger
        self._me = me
        self._dead_after_s = dead_after_s
        self._clock = clock
        self._seen: dict[str, tuple[int, float]] = {}

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
        dead = {one for one in left if one not in beats or now_s - self._seen[one][1] > self._dead_after_s}
        self._forget_finished()
        return take_up(self._ledger, dead) if dead else 0

    def _holders(self) -> set[str]:
        held = sa.select(jobs.c.executor_id).where(jobs.c.status == "PENDING").distinct()
        return {row[0] for row in self._ledger.rows(held)}

    def _forget_finished(self) -> None:
        still = sa.select(jobs.c.workflow_uuid).where(jobs.c.status.in_(OPEN))
        self._ledger.write(sa.delete(asked).where(asked.c.job.not_in(still)))


def take_up(ledger: Ledger, dead: Iterable[str]) -> int:
    """Their jobs wait again, for whoever is free, whichever version they began under; done twice it is done once."""
    left = sa.update(jobs).where(jobs.c.status == "PENDING", jobs.c.executor_id.in_(list(dead)))
    taken = ledger.write(
        left.values(status="ENQUEUED", owner_xid=None, application_version=None, started_at_epoch_ms=None)
    )
    if taken:
        log.info("jobs_taken_up", jobs=taken, left_by=sorted(dead))
    return taken


def executor_id(name: str, number: int) -> str:
    """As the engine's rows call a worker."""
    return f"{name}#{number}"
