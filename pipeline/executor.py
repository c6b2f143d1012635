"""The executor process, put together."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import sqlalchemy as sa

from pipeline.artifacts import Artifacts
from pipeline.errors import TaleError
from pipeline.log import log_of
from pipeline.road.dbos_inside import System, take_no_more
from pipeline.road.deaths import DEATHS_BEFORE_IT_FAILS, Begun, count_deaths
from pipeline.road.engine import connect, launched
from pipeline.road.erased import UnheardErasures
from pipeline.road.lanes import CPU, queues
from pipeline.road.ledger import Ledger, jobs, workers
from pipeline.road.lock import Lock
from pipeline.road.watch import LOOK_S, Running, Watchdog
from pipeline.road.workers import BEAT_S, DRAINING, Enrolled, Janitor, bring_over, enrol, take_up
from pipeline.road.workflows import Jobs, Workshop

GIVES_UP_AFTER_S = 15.0
"""Without a beat for so long we stop by ourselves, before a janitor may count us as dead."""
KEPT_S = 1.0
"""Between two looks; more is no patience of ours that was spent."""
GRACE_S = 10.0
"""What a step under way gets to finish when we are asked to go."""
SWEEP_S = 5.0
NICER = 5
"""How much: a third of the bot's share where both want a core, all of it where nobody else does."""
START_AGAIN = 75
"""Exit code for whoever keeps us alive."""
log = log_of("executor")


@dataclass(frozen=True)
class ExecutorOptions:
    """Where and how one executor serves."""

    database_url: str
    state: Path
    """Folder of the lock."""
    name: str
    tales_in_flight: int = 1
    kind: str = CPU
    """Of its device: `cpu` or `gpu`."""
    key: str = ""
    """Seals what members said; the bot's own."""
    grace_s: float = GRACE_S
    sweep_s: float = SWEEP_S
    dead_after_s: float = 20.0
    hangs_after_s: dict[str, float] | None = None
    deaths_before_a_step_fails: int = DEATHS_BEFORE_IT_FAILS


def serve(post: ExecutorOptions, workshop: Workshop, keep: Artifacts) -> int:
    """Take jobs until asked to go; never returns while a step of ours is under way."""
    be_polite()
    with Lock(post.state, post.name) as lock:
        lock.sign()
        ledger = Ledger(connect(post.database_url, key=post.key))
        ledger.make()
        place = enrol(ledger, post.name, post.kind)
        count_deaths(ledger, post.state / f"{post.name}.begun")
        # The lock says that whoever had our name is dead: no need to wait for a janitor.
        take_up(ledger, _before_us(ledger, place))
        bring_over(ledger, post.kind, [row[0] for row in ledger.rows(sa.select(workers.c.name))])
        return _Executor(post, ledger, place, lock, keep).serve(workshop)


class _Executor:
    """Three threads beside the jobs: beats, looks, and this one, which never touches the database."""

    def __init__(self, post: ExecutorOptions, ledger: Ledger, place: Enrolled, lock: Lock, keep: Artifacts) -> None:
        self._post, self._ledger, self._place, self._lock = post, ledger, place, lock
        self._keep, self._erased = keep, UnheardErasures(ledger)
        self._asked_to_go, self._asked_to_drain, self._over = threading.Event(), threading.Event(), threading.Event()
        self._stuck: list[Running] = []
        self._beaten_s = self._looked_s = time.monotonic()
        self._begun = Begun(post.state / f"{post.name}.begun")
        deaths = post.deaths_before_a_step_fails
        self._watch = Watchdog(ledger, self._stuck.append, post.hangs_after_s, self._begun, deaths)
        self._janitor = Janitor(ledger, place.executor, post.kind, post.dead_after_s)

    def serve(self, workshop: Workshop) -> int:
        run = Jobs(workshop, self._keep, self._watch)
        engine, executor = self._ledger.engine, self._place.executor
        with (
            self._signals(),
            launched(engine, executor, queues(self._post.tales_in_flight, self._post.kind), run) as system,
        ):
            for work, every_s in ((self._beat, BEAT_S), (self._watch.look, LOOK_S), (self._sweep, self._post.sweep_s)):
                threading.Thread(target=repeat, args=(work, every_s, self._over), daemon=True).start()
            log.info("executor_ready", executor=executor)
            while not self._asked_to_go.wait(LOOK_S) and not self._drained(system):
                self._go_if_lost()
            take_no_more(system)
            if self._asked_to_go.is_set():
                self._hand_back()  # also what was claimed this very moment
            self._over.set()
            self._place.leave()
        return 0

    def _drained(self, system: System) -> bool:
        """Asked to drain, and no job, twice: one may just have been claimed."""
        if not self._asked_to_drain.is_set():
            return False
        take_no_more(system)
        return self._watch.idle and not self._asked_to_go.wait(1.0) and self._watch.idle

    def _hand_back(self) -> None:
        """Let what is under way finish, give the rest back, and go without waiting for anybody."""
        self._begun.close()
        self._watch.hold()
        until_s = time.monotonic() + self._post.grace_s
        while not self._watch.at_rest and time.monotonic() < until_s:
            time.sleep(0.05)
        self._watch.stop_all()
        until_s = time.monotonic() + 1.0
        while not self._watch.at_rest and time.monotonic() < until_s:
            time.sleep(0.02)
        take_up(self._ledger, [self._place.executor])
        self._place.leave()
        _gone(0)

    def _go_if_lost(self) -> None:
        """A step that hangs, or a database that does not answer, is left to a new process."""
        if self._stuck:
            log.error("executor_stuck", job=self._stuck[0].job, step=self._stuck[0].step)
            _show_where()
            self._start_again()
        now_s = time.monotonic()
        # Kept from looking ourselves (a frozen machine, a model that loads without letting go), we cannot know.
        kept_s = max(0.0, now_s - self._looked_s - KEPT_S)
        self._beaten_s, self._looked_s = min(now_s, self._beaten_s + kept_s), now_s
        if now_s - self._beaten_s > GIVES_UP_AFTER_S:
            log.error("executor_gives_up", seconds=GIVES_UP_AFTER_S)
            _show_where()
            self._start_again()

    def _beat(self) -> None:
        told = self._place.beat()
        if told is None:
            log.error("executor_replaced", executor=self._place.executor)
            self._start_again()
        if told == DRAINING:
            self._asked_to_drain.set()
        self._beaten_s = time.monotonic()
        self._lock.beat()

    def _start_again(self) -> NoReturn:
        """By our own will: no step is to blame."""
        self._begun.close()
        _gone(START_AGAIN)

    def _sweep(self) -> None:
        self._janitor.sweep()
        self._janitor.pick_up(self._watch.at_work_on)
        self._keep.forget(self._erased.news())

    @contextmanager
    def _signals(self) -> Iterator[None]:
        asked = (signal.SIGTERM, signal.SIGINT)
        before = [signal.signal(number, lambda _number, _frame: self._asked_to_go.set()) for number in asked]
        try:
            yield
        finally:
            for number, handler in zip(asked, before, strict=True):
                signal.signal(number, handler)


def repeat(work: Callable[[], object], every_s: float, over: threading.Event) -> None:
    """Until it is over, whatever befalls a round: without beats or sweeps this process is lost."""
    while not over.wait(every_s):
        at = getattr(work, "__name__", "")
        try:
            work()
        except (sa.exc.DatabaseError, sa.exc.TimeoutError, OSError, TaleError) as error:
            log.warning("queue_look_failed", at=at, why=(str(error).splitlines() or [""])[0])
        except Exception as error:
            log.exception("executor_look_failed", at=at, why=type(error).__name__)


def _before_us(ledger: Ledger, place: Enrolled) -> list[str]:
    held = sa.select(jobs.c.executor_id).where(jobs.c.status == "PENDING").distinct()
    ours = f"{place.name}#"
    return [row[0] for row in ledger.rows(held) if row[0].startswith(ours) and row[0] != place.executor]


def be_polite() -> None:
    """The bot's voice goes before our models: for this thread and those it begins, by all this system goes by."""
    if sys.platform == "win32":
        return
    with suppress(OSError):
        os.nice(NICER)
    if sys.platform != "linux":
        return
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    if os.getsid(0) == os.getpid():
        # Where each session is a group, ours weighs as much as the bot's however nice its threads are.
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(NICER), "ascii")


def _show_where() -> None:
    """Every thread's stack, for the operator: what hangs cannot be asked later."""
    faulthandler.dump_traceback(sys.stderr, all_threads=True)


def _gone(code: int) -> NoReturn:
    """Without tidying: jobs' threads may hang, and the database already knows all that is done."""
    sys.stderr.flush()
    os._exit(code)
