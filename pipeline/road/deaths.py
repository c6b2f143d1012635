"""Steps that end their process."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from pipeline.log import log_of
from pipeline.road.ledger import Ledger, died

DEATHS_BEFORE_IT_FAILS = 2
_LOOK_S = 0.2
_WAITS_AT_MOST_S = 60.0
"""Longest wait for the others at the gate: one of them may hold a model that the waiting one needs."""
log = log_of("road")


class Begun:
    """A file that says which steps are under way; what it says after a death was under way then.

    A process that ends by its own will empties it first. Without a path nothing is written.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._steps: dict[str, str] = {}
        self._handle = -1
        if path is not None:
            self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)

    @contextmanager
    def step(self, job: str, step: str) -> Iterator[None]:
        """List the step as under way until the block ends."""
        self._change(lambda: self._steps.update({job: step}))
        try:
            yield
        finally:
            self._change(lambda: self._steps.pop(job, None))

    def close(self) -> None:
        """Empty the file: if the process ends from now on, no step is the cause."""
        with self._lock:
            self._steps.clear()
            self._write()
            self._handle = -1

    def _change(self, change: Callable[[], object]) -> None:
        with self._lock:
            change()
            self._write()

    def _write(self) -> None:
        if self._handle >= 0:
            # One write, closed by a line's end: what an earlier, longer one left behind it is not read.
            os.pwrite(self._handle, json.dumps(self._steps).encode() + b"\n", 0)


class CrashGate:
    """Lets steps run side by side; one that was under way at a death runs alone, to see whether it kills."""

    def __init__(self, patience_s: float = _WAITS_AT_MOST_S) -> None:
        self._patience_s = patience_s
        self._changed = threading.Condition()
        self._inside = 0
        self._alone = 0
        """The step that runs alone, or waits to."""

    @contextmanager
    def passed(self, check: Callable[[], None], *, alone: bool) -> Iterator[None]:
        """Hold the gate until the block ends; raises what `check` raises while it waits."""
        with self._changed:
            self._alone += alone
            try:
                self._wait(check, (lambda: not self._inside) if alone else (lambda: not self._alone))
            except BaseException:
                self._alone -= alone
                raise
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._alone -= alone
                self._changed.notify_all()

    def _wait(self, check: Callable[[], None], free: Callable[[], bool]) -> None:
        until_s = time.monotonic() + self._patience_s
        while not self._changed.wait_for(free, _LOOK_S) and time.monotonic() < until_s:
            check()


def count_deaths(ledger: Ledger, path: Path) -> None:
    """Count one death for each step that a dead process was at; call it before any job begins."""
    for job, step in _left(path).items():
        log.error("step_died", job=job, step=step)
        mine = (died.c.job == job, died.c.unit == step)
        if not ledger.write(sa.update(died).where(*mine).values(times=died.c.times + 1)):
            ledger.write(sa.insert(died).values(job=job, unit=step, times=1))
    path.unlink(missing_ok=True)


def deaths_of(ledger: Ledger, job: str) -> dict[str, int]:
    """Return how often each step of a job ended its process."""
    return {row[0]: row[1] for row in ledger.rows(sa.select(died.c.unit, died.c.times).where(died.c.job == job))}


def _left(path: Path) -> dict[str, str]:
    try:
        told = json.loads(path.read_bytes().partition(b"\n")[0])
    except (FileNotFoundError, ValueError):
        return {}
    return {str(job): str(step) for job, step in told.items()} if isinstance(told, dict) else {}
