"""Sentences kept apart from their like."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tests.mood.regression import Array

ALIKE = 0.65
"""Sentences whose centred means lie so near say nearly the same: a translation, a variation."""


def folds_of(rows: Array, languages: Sequence[str], folds: int) -> npt.NDArray[np.int64]:
    """A fold for each sentence; what is nearly the same, in whatever language, shares it."""
    groups = _groups(_apart_from_language(rows, languages))
    chance = np.random.default_rng(0)
    fold_of = chance.integers(0, folds, len(groups))
    return np.asarray(fold_of[groups], np.int64)


def _apart_from_language(rows: Array, languages: Sequence[str]) -> Array:
    """Directions, once what a whole language has in common is taken away."""
    spoken, moved = np.array(languages), rows.copy()
    for language in np.unique(spoken):
        moved[spoken == language] -= moved[spoken == language].mean(axis=0)
    directions: Array = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
    return directions


def _groups(directions: Array) -> npt.NDArray[np.int64]:
    """The first sentence of each one's group: likes of likes are one group."""
    above = np.arange(len(directions))

    def root(one: int) -> int:
        while above[one] != one:
            above[one] = above[above[one]]
            one = int(above[one])
        return one

    for one, row in enumerate(directions):
        for other in np.flatnonzero(row @ directions[:one].T > ALIKE):
            above[root(one)] = root(int(other))
    return np.array([root(one) for one in range(len(directions))])
