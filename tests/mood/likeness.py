"""Classes by likeness to what was learned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.backends.text_e5 import likeness
from tests.mood.regression import Array

KEPT = 256
"""Directions that are looked at."""
EVENED = 0.15
"""How far strong and weak directions are made alike: 0 not at all, 0.5 wholly."""
NEARNESS, RIDGE = 1.5, 0.3
"""How quickly likeness falls, and how little one sentence counts; all four by cross-validation inside training."""
LOUDNESS = 10.0
"""Ridge regression's values become odds."""


@dataclass(frozen=True)
class Likeness:
    """A kernel ridge regression."""

    centre: Array
    turn: Array
    learned: Array
    votes: Array

    def odds(self, rows: Array) -> Array:
        """Before any softmax."""
        odds: Array = likeness((rows - self.centre) @ self.turn, self.learned) @ self.votes
        return odds


def learned_from(rows: Array, labels: npt.NDArray[np.int64], classes: int) -> Likeness:
    """The same numbers from the same rows: no chance is in it."""
    centre, spread = rows.mean(axis=0), rows.std(axis=0)
    even = (rows - centre) / spread
    strength, ways = np.linalg.eigh(even.T @ even / len(even))
    kept = slice(None, -1 - min(KEPT, len(rows) - 1), -1)
    turn: Array = ways[:, kept] / np.maximum(strength[kept], 1e-9) ** EVENED / spread[:, None]
    turn *= np.sqrt(NEARNESS / 2 / (((rows - centre) @ turn) ** 2).sum(axis=1).mean())
    turned: Array = (rows - centre) @ turn
    alike = likeness(turned, turned) + RIDGE * np.eye(len(rows))
    votes = np.asarray(LOUDNESS * np.linalg.solve(alike, np.eye(classes)[labels] - 1 / classes), np.float64)
    return Likeness(centre, turn, turned, votes)
