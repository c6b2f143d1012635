"""A studio for one tale, in memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar, Unpack

from pipeline.cancelled import Cancelled
from pipeline.roles import Needs
from pipeline.shelf.ladder import Ladder
from pipeline.shelf.shelf import Shelf
from pipeline.shelf.turnstile import Errand
from pipeline.telling.studio import Keep, Studio, remembered
from pipeline.words.event import Event

R = TypeVar("R")
T = TypeVar("T")


class InMemory:
    """Studio that keeps steps in memory, but passes results through JSON as the road does, so that both tell alike."""

    def __init__(self, shelf: Shelf, keep: Keep, say: Callable[[Event], None], check: Cancelled) -> None:
        self._shelf = shelf
        self._check = check
        self._ladder = Ladder(shelf, "the tale")
        self.seconds: dict[str, float] = {}
        """Seconds that each stage took, loading of models included."""
        self.studio = Studio(self._borrow, keep, self._once, say, check)

    def _borrow(self, role: type[R], **needs: Unpack[Needs]) -> AbstractContextManager[R]:
        return self._shelf.borrow(role, self._check, Errand(tale="here"), **needs | self._ladder.needs())

    def _once(self, stage: str, _unit: str, kind: type[T], work: Callable[[], T]) -> T:
        self._check()
        since_s = time.perf_counter()
        value: T = remembered(kind, self._ladder.climb(work))
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - since_s
        return value
