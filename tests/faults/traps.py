"""Death at a chosen place inside the studio."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.road.notes import Notes

PLACES = ("keep", "once", "say")


class Trap:
    """Kills its own process before or after one of the next passings."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)
        self._left = chance.randrange(4, 60)

    def step_on(self) -> None:
        """One passing."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def set_trap(place: str, seed: int) -> None:
    """Beside the half-written file, the step just made, or the event."""
    trap = Trap(seed)
    if place == "keep":
        _around(Path, "replace", trap)
    else:
        _around(Notes, {"once": "_note", "say": "say"}[place], trap)


def _around(holder: Any, name: str, trap: Trap) -> None:
    real: Callable[..., Any] = getattr(holder, name)

    def trapped(*args: Any, **more: Any) -> Any:
        trap.step_on()
        done = real(*args, **more)
        trap.step_on()
        return done

    setattr(holder, name, trapped)
