"""Watches running jobs for cancels and hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa

from pipeline.cancelled import Cancelled
from pipeline.errors import Unwell
from pipeline.log import log_of
from pipeline.road.deaths import DEATHS_BEFORE_IT_FAILS, Begun, CrashGate, deaths_of
from pipeline.road.lanes import WHOLE
from pipeline.road.ledger import Ledger, hung, jobs, loose, spent
from pipeline.words.sound import Artifact

LOOK_S = 0.2
"""Most seconds until a running job learns that it is cancelled."""
HANGS_AFTER_S: Mapping[str, float] = {"mix": 1800.0, "plan": 1800.0, "write": 1800.0, "film": 7200.0}
HANGS_AFTER_ELSE_S = 600.0
"""Seconds after which a step counts as stuck, and the process is replaced."""
HANGS_BEFORE_IT_FAILS = 2
log = log_of("road")


@dataclass(eq=False)
class Running:
    """A job that this process works on."""

    job: str
    words: int = 0
    check: Cancelled = field(default_factory=Cancelled)
    step: str = ""
    since_s: float = 0.0
    first: bool = False
    """Whether nothing else ran when it began: then it never waits for others, and only later jobs share models."""
    whole: bool = False
    """Whether it ended in this process."""
    hung: frozenset[str] = frozenset()
    """Steps that had hung too often when it began here."""
    died: Mapping[str, int] = field(default_factory=dict)
    """How often each step had ended its process when it began here."""
    dies_at_most: int = DEATHS_BEFORE_IT_FAILS
    spent_s: dict[str, float] = field(default_factory=dict)

    def refuse_if_given_up(self, step: str) -> None:
        """Raise Unwell `stage_hung` or `stage_deadly` for a step that hung, or ended its process, too often."""
        stage = step.partition(":")[0]
        if step in self.hung:
            raise Unwell("stage_hung", stage=stage)
        if self.died.get(step, 0) >= self.dies_at_most:
            raise Unwell("stage_deadly", stage=stage)


class Watchdog:
    """Sets a job's `Cancelled` when its row says so, and finds steps that hang."""

    def __init__(
        self,
        ledger: Ledger,
        stuck: Callable[[Running], None],
        hangs_after_s: Mapping[str, float] | None = None,
        begun: Begun | None = None,
        dies_at_most: int = DEATHS_BEFORE_IT_FAILS,
    ) -> None:
        self._ledger = ledger
        self._stuck = stuck
        self._hangs_after_s = HANGS_AFTER_S if hangs_after_s is None else hangs_after_s
        self._begun, self._dies_at_most, self._gate = begun or Begun(), dies_at_most, CrashGate()
        self._lock = threading.Lock()
        self._running: list[Running] = []
        self._going = threading.Event()
        self._going.set()

    @contextmanager
    def over(self, job: str, words: int) -> Iterator[Running]:
        """Watch one job until the block ends."""
        died = deaths_of(self._ledger, job)
        running = Running(job, words, hung=self._hung(job), died=died, dies_at_most=self._dies_at_most)
        with self._lock:
            running.first = not self._running
            self._running.append(running)
        try:
            yield running
        finally:
            with self._lock:
                self._running.remove(running)
            self._note(running)

    @contextmanager
    def at_work(self, running: Running, step: str) -> Iterator[None]:
        """Watch one step until the block ends, and note how long it took."""
        # A step that killed its process before runs alone, so that it takes nobody else's step down again.
        suspect = 0 < running.died.get(step, 0) < running.dies_at_most
        with self._gate.passed(running.check, alone=suspect), self._begun.step(running.job, step):
            running.step, running.since_s = step, time.monotonic()
            try:
                yield
            finally:
                stage = step.partition(":")[0]
                running.spent_s[stage] = running.spent_s.get(stage, 0.0) + time.monotonic() - running.since_s
                running.step = ""

    def between_passages(self) -> None:
        """Wait while the executor drains: between passages no step is under way."""
        self._going.wait()

    def hold(self) -> None:
        """Let no job begin another passage."""
        self._going.clear()

    @property
    def at_rest(self) -> bool:
        """Whether no step is under way."""
        with self._lock:
            return not any(running.step for running in self._running)

    @property
    def idle(self) -> bool:
        """Whether no job is under way."""
        with self._lock:
            return not self._running

    @property
    def at_work_on(self) -> list[str]:
        """Return the jobs that are under way here."""
        with self._lock:
            return [running.job for running in self._running]

    def stop_all(self) -> None:
        """Make every job stop and hand its step back."""
        with self._lock:
            running = list(self._running)
        for one in running:
            one.check.set()

    def look(self) -> None:
        """Check every running job once."""
        with self._lock:
            running = list(self._running)
        if not running:
            return
        asked = [one.job for one in running]
        stopped = sa.select(jobs.c.workflow_uuid).where(jobs.c.workflow_uuid.in_(asked), jobs.c.status == "CANCELLED")
        cancelled = {row[0] for row in self._ledger.rows(stopped)}
        for one in running:
            if one.job in cancelled:
                one.check.set()
            elif one.step and time.monotonic() - one.since_s > self._patience_s(one.step):
                self._note_hung(one)
                one.since_s = float("inf")  # once is enough
                self._stuck(one)

    def _hung(self, job: str) -> frozenset[str]:
        often = sa.select(hung.c.unit).where(hung.c.job == job, hung.c.times >= HANGS_BEFORE_IT_FAILS)
        return frozenset(row[0] for row in self._ledger.rows(often))

    def _patience_s(self, step: str) -> float:
        return self._hangs_after_s.get(step.partition(":")[0], self._hangs_after_s.get("", HANGS_AFTER_ELSE_S))

    def _note_hung(self, one: Running) -> None:
        log.error("step_hangs", job=one.job, step=one.step, seconds=round(time.monotonic() - one.since_s))
        mine = (hung.c.job == one.job, hung.c.unit == one.step)
        if not self._ledger.write(sa.update(hung).where(*mine).values(times=hung.c.times + 1)):
            self._ledger.write(sa.insert(hung).values(job=one.job, unit=one.step, times=1))

    def note_loose(self, job: str, left: Iterable[Artifact]) -> None:
        """Note files that no finished step names, so that an erase finds them."""
        rows = [{"job": job, "sha256": one.sha256, "suffix": one.suffix} for one in left]
        try:
            if rows:
                self._ledger.write(sa.insert(loose).values(rows))
        except sa.exc.DatabaseError as error:
            log.warning("loose_not_noted", job=job, why=str(error).splitlines()[0])

    def _note(self, running: Running) -> None:
        rows = [{"stage": stage, "words": running.words, "seconds": s} for stage, s in running.spent_s.items()]
        if rows and running.words and running.whole:
            rows.append({"stage": WHOLE, "words": running.words, "seconds": sum(running.spent_s.values())})
            try:
                self._ledger.write(sa.insert(spent).values(rows))
            except sa.exc.DatabaseError as error:
                log.warning("step_time_not_written", job=running.job, why=str(error).splitlines()[0])
