"""Other programs' use of the card."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled
from pipeline.log import log_of
from pipeline.shelf.nvidia import Ask, ask
from pipeline.shelf.turnstile import LIVE, Errand, Turnstile

EVERY_S = 5.0
BUSY_PERCENT, QUIET_PERCENT = 30.0, 10.0
"""Use of the card: a game takes more than the first, a desktop with windows and films less than the second."""
QUIET_LOOKS = 3
"""Quiet looks in a row before the card counts as free: a game may only be in its menu."""
BETWEEN_S = 1.5
"""Seconds between two figures: the driver counts over the last second, which must be free of our own work."""
_BY_PROCESS = ("nvidia-smi", "pmon", "-c", "1", "-s", "u")
_IN_ALL = ("nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits")
log = log_of("neighbours")


def ask_ours(command: Sequence[str]) -> str:
    """Ask the driver about this executor's card."""
    number = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]
    return ask([*command, *(("-i", number) if number.isdigit() else ())])


@dataclass
class Neighbours:
    """Watches the card for other programs' work, and leaves it to them meanwhile."""

    gate: Turnstile
    """The card's turnstile, held during a look where the driver does not tell processes apart."""
    asked: Ask = ask_ours
    sleep: Callable[[float], None] = time.sleep
    busy: bool = False
    """Whether another program works on it now."""
    _quiet: int = field(default=0)

    def look(self, check: Cancelled) -> bool:
        """Ask the driver whether another program works on it now."""
        percent = _others(self.asked(_BY_PROCESS))
        if percent is None:
            percent = self._standing_still(check)
        self._quiet = self._quiet + 1 if percent < QUIET_PERCENT else 0
        if percent >= BUSY_PERCENT:
            self.busy = True
        elif self._quiet >= QUIET_LOOKS:
            self.busy = False
        return self.busy

    def _standing_still(self, check: Cancelled) -> float:
        """Return the whole card's use while nothing of ours runs; twice, since our work lingers in the first figure."""
        with self.gate.passing("", Errand(LIVE, tale="looking"), check):
            first = _percent(self.asked(_IN_ALL))
            if first < BUSY_PERCENT:
                return first
            self.sleep(BETWEEN_S)
            return min(first, _percent(self.asked(_IN_ALL)))


@contextmanager
def courteous(neighbours: Neighbours, leave: Callable[[], None], every_s: float = EVERY_S) -> Iterator[None]:
    """Call `leave` whenever another program begins to work on the card, while the block lasts."""
    check, over = Cancelled(), threading.Event()

    def watch() -> None:
        while not over.wait(every_s):
            with suppress(TaleCancelled):
                was, now = neighbours.busy, neighbours.look(check)
                if now:
                    leave()
                if now != was:
                    log.info("gpu_left" if now else "gpu_taken_back")

    if neighbours.look(check):
        log.info("gpu_left")
    thread = threading.Thread(target=watch, name="neighbours", daemon=True)
    thread.start()
    try:
        yield
    finally:
        check.set()
        over.set()
        thread.join(timeout=every_s)


def _others(said: str) -> float | None:
    """Return the per cent of the card that other processes use; None where the driver does not tell them apart."""
    rows = [line.split() for line in said.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    rows = [row for row in rows if len(row) > 3 and row[0].isdigit()]
    if not rows:
        return None
    return sum(_number(row[3]) for row in rows if row[1] != str(os.getpid()))


def _percent(said: str) -> float:
    return max((_number(line.strip()) for line in said.splitlines()), default=0.0)


def _number(text: str) -> float:
    return float(text) if text.isdigit() else 0.0
