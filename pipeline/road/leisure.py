"""How many drafts there is time for."""

from __future__ import annotations

from collections.abc import Callable

LEAST, MOST = 3, 4
"""Fewer than three are not worth choosing from."""
SPARE_S = 0.09
"""Of writing for a word, all its drafts together: a quarter of the time it takes to be spoken."""


class Leisure:
    """One executor's writer, measured by the tales before; decided once before a tale, never inside it."""

    def __init__(self, held_s: Callable[[], float]) -> None:
        self._held_s = held_s
        """Seconds for which writers were borrowed so far."""
        self._words = 0

    def drafts(self) -> int:
        """For every sentence of the next tale."""
        if not self._words:
            return 1
        fit = int(SPARE_S * self._words / max(1e-9, self._held_s()))
        return min(fit, MOST) if fit >= LEAST else 1

    def told(self, words: int, drafts: int) -> None:
        """A tale of so many words was written in so many drafts."""
        self._words += words * drafts
