"""Tokens into text as they come."""

from __future__ import annotations

from collections.abc import Callable, Sequence

UNFINISHED = "\ufffd"
"""A letter of several tokens reads as this until its last one is there."""
_MOST_WAITING = 8
"""Then it was no letter at all."""


class Spelling:
    """Reads each token beside the few before it, since spaces and letters hang on them; never the whole text again."""

    def __init__(self, text_of: Callable[[Sequence[int]], str]) -> None:
        self._text_of = text_of
        self._near: list[int] = []
        self._told = 0
        """How many of those near have been told."""

    def add(self, token: int) -> str:
        """What it adds; empty in the midst of a letter."""
        self._near.append(token)
        waiting = len(self._near) - self._told
        piece = self._new()
        if piece.endswith(UNFINISHED) and waiting < _MOST_WAITING:
            return ""
        self._near, self._told = self._near[self._told :], waiting
        return piece

    def rest(self) -> str:
        """What never became a letter."""
        return self._new() if len(self._near) > self._told else ""

    def _new(self) -> str:
        return self._text_of(self._near)[len(self._text_of(self._near[: self._told])) :]
