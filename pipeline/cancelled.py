"""One small object that stops everything."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipeline.errors import TaleCancelled


class Cancelled:
    """Set once, by anybody; polled by calling it, or watched by what must be stopped from outside."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set = False
        self._watching: list[Callable[[], None]] = []

    def __call__(self) -> None:
        """Raise TaleCancelled if somebody asked to stop."""
        if self._set:
            raise TaleCancelled

    def __bool__(self) -> bool:
        return self._set

    def set(self) -> None:
        """Ask everything to stop; asking twice is asking once."""
        with self._lock:
            if self._set:
                return
            self._set = True
            watching = list(self._watching)
        for brake in watching:
            brake()

    @contextmanager
    def watch(self, brake: Callable[[], None]) -> Iterator[None]:
        """Call `brake` from the asking thread, at once if it was asked before, until the block ends."""
        with self._lock:
            pulled = self._set
            self._watching.append(brake)
        try:
            if pulled:
                brake()
            yield
        finally:
            with self._lock:
                self._watching.remove(brake)
