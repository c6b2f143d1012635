"""How good a reader is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
BINS = 10


def confusion(labels: Labels, read: Labels, classes: int) -> npt.NDArray[np.int64]:
    """Rows what it is, columns what was read."""
    table = np.zeros((classes, classes), np.int64)
    np.add.at(table, (labels, read), 1)
    return table


def macro_f1(labels: Labels, read: Labels, classes: Sequence[int]) -> float:
    """The mean of each class's F1: a rare class counts as much as a common one."""
    return float(np.mean([_f1(labels == one, read == one) for one in classes]))


def unweighted_recall(labels: Labels, read: Labels) -> float:
    """The mean of each class's recall."""
    return float(np.mean([(read[labels == one] == one).mean() for one in np.unique(labels)]))


def calibration_error(shares: Array, labels: Labels) -> float:
    """Expected calibration error: how far certainty lies from being right, in ten bins."""
    sure, right = shares.max(axis=1), shares.argmax(axis=1) == labels
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    inside = [bins == one for one in range(BINS) if (bins == one).any()]
    return float(sum(one.mean() * abs(sure[one].mean() - right[one].mean()) for one in inside))


def _f1(is_one: npt.NDArray[np.bool_], read_one: npt.NDArray[np.bool_]) -> float:
    both = int((is_one & read_one).sum())
    return 2 * both / max(1, int(is_one.sum()) + int(read_one.sum()))
