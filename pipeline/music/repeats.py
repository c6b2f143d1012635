"""Keeps long music from coming round again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

BARS = 8
"""Bars that may not come again."""
MOST_HEARD = 3_000
"""Eight bars that are remembered: more than an hour has."""
TRIES = 12
T = TypeVar("T")
Bar = frozenset[tuple[int, int]]
"""What is struck in a bar: (voice, key)."""


def bars_of(notes: Iterable[tuple[float, float, int, int, int]], bpm: float, metre: int, count: int) -> list[Bar]:
    """Return the bars of a part, without the hand's small lateness."""
    found: list[set[tuple[int, int]]] = [set() for _ in range(count)]
    for on_s, _, voice, key, _ in notes:
        found[min(count - 1, int((on_s + 0.02) * bpm / 60 / metre))].add((voice, key))
    return [frozenset(bar) for bar in found]


def first_fresh(made: Callable[[int], tuple[T, Sequence[Bar]]], heard: Sequence[str]) -> tuple[T, list[str]]:
    """Return the first of TRIES in which no eight bars were heard before, and all that is heard then.

    `heard` are marks: of the last bars, then of all eight bars; where every try repeats something, the last one stays.
    """
    before, known = list(heard[: BARS - 1]), set(heard[BARS - 1 :])
    for nth in range(TRIES):
        one, bars = made(nth)
        marks = [*before, *(_mark(sorted(bar)) for bar in bars)]
        windows = [_mark(marks[at : at + BARS]) for at in range(len(marks) - BARS + 1)]
        if len({*windows} - known) == len(windows):
            break
    last = marks[-(BARS - 1) :] if len(marks) >= BARS - 1 else [""] * (BARS - 1)
    return one, [*last, *[*heard[BARS - 1 :], *windows][-MOST_HEARD:]]


def _mark(what: object) -> str:
    return hashlib.sha256(repr(what).encode()).hexdigest()[:10]
