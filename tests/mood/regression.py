"""A logistic regression, alike on every run."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
STEPS, MEMORY = 120, 12
_ARMIJO, _SHRINK, _MOST_TRIES = 1e-4, 0.5, 30


def fitted(
    rows: Array, labels: npt.NDArray[np.int64], classes: int, penalty: float, weights: Array | None = None
) -> Array:
    """(features + 1, classes), the last row the bias: least weighted cross-entropy, with a penalty on the squares."""
    count, width = rows.shape
    one_more = np.hstack([rows, np.ones((count, 1))])
    wanted = np.eye(classes)[labels]
    each = np.ones(count) if weights is None else weights

    def cost(flat: Array) -> tuple[float, Array]:
        odds = one_more @ flat.reshape(width + 1, classes)
        odds = odds - odds.max(axis=1, keepdims=True)
        logs = odds - np.log(np.exp(odds).sum(axis=1, keepdims=True))
        kept = flat.reshape(width + 1, classes).copy()
        kept[-1] = 0.0
        slope = one_more.T @ ((np.exp(logs) - wanted) * each[:, None]) + penalty * kept
        value = -float((each * (logs * wanted).sum(axis=1)).sum()) + 0.5 * penalty * float((kept * kept).sum())
        return value, slope.ravel()

    return minimum(cost, np.zeros((width + 1) * classes)).reshape(width + 1, classes)


def minimum(cost: Callable[[Array], tuple[float, Array]], at: Array) -> Array:
    """By limited-memory BFGS in float64: a fixed number of steps, no clock and no chance."""
    pairs: deque[tuple[Array, Array, float]] = deque(maxlen=MEMORY)
    value, slope = cost(at)
    for _ in range(STEPS):
        if float(np.abs(slope).max()) < 1e-7:
            break
        way = -_bent(slope, pairs)
        step, now, new_slope, new_value = _walked(cost, at, value, slope, way)
        if step == 0.0:
            break
        moved, turned = now - at, new_slope - slope
        if float(moved @ turned) > 1e-12:
            pairs.append((moved, turned, 1.0 / float(moved @ turned)))
        at, value, slope = now, new_value, new_slope
    return at


def temperature(odds: Array, labels: npt.NDArray[np.int64]) -> float:
    """What odds must be divided by for the least cross-entropy: certainties become chances."""
    choices = np.exp(np.linspace(np.log(0.3), np.log(6.0), 241))
    return float(choices[int(np.argmin([_surprise(odds / choice, labels) for choice in choices]))])


def shares_of(odds: Array) -> Array:
    """Rows that sum to one."""
    powers: Array = np.exp(odds - odds.max(axis=1, keepdims=True))
    shares: Array = powers / powers.sum(axis=1, keepdims=True)
    return shares


def odds_of(head: Array, rows: Array) -> Array:
    """What a fitted head says, before any softmax."""
    odds: Array = rows @ head[:-1] + head[-1]
    return odds


def _bent(slope: Array, pairs: deque[tuple[Array, Array, float]]) -> Array:
    way, shares = slope.copy(), []
    for moved, turned, inverse in reversed(pairs):
        share = inverse * float(moved @ way)
        way -= share * turned
        shares.append(share)
    if pairs:
        moved, turned, _ = pairs[-1]
        way *= float(moved @ turned) / float(turned @ turned)
    for (moved, turned, inverse), share in zip(pairs, reversed(shares), strict=True):
        way += moved * (share - inverse * float(turned @ way))
    return way


def _walked(
    cost: Callable[[Array], tuple[float, Array]], at: Array, value: float, slope: Array, way: Array
) -> tuple[float, Array, Array, float]:
    falls, step = float(slope @ way), 1.0
    for _ in range(_MOST_TRIES):
        now = at + step * way
        new_value, new_slope = cost(now)
        if new_value <= value + _ARMIJO * step * falls:
            return step, now, new_slope, new_value
        step *= _SHRINK
    return 0.0, at, slope, value


def _surprise(odds: Array, labels: npt.NDArray[np.int64]) -> float:
    logs = odds - odds.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    return -float(logs[np.arange(len(labels)), labels].mean())
