"""True peaks and the limiter that holds them."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from pipeline.words.sound import RATE_HZ, Samples

TICK = RATE_HZ // 1_000
"""Peaks and gains are kept per millisecond."""
AHEAD_TICKS = 6
"""The limiter sees this far ahead, and turns down over it."""
_RELEASE_PER_TICK = 1 / 150
"""Gain regained per millisecond: from nothing to all in 150 ms."""
MEMORY_TICKS = 150 + 2 * AHEAD_TICKS
"""What lies further back no longer changes a gain: a finite memory, so any place can be rendered on its own."""
_OVERSHOOT = 1.3
"""Samples further below the ceiling than this hide no true peak above it."""
_PHASES, _TAPS = 4, 12

Peaks = npt.NDArray[np.float32]
"""Highest true peak of any channel, per tick."""


def peaks_of(samples: Samples, ceiling: float) -> Peaks:
    """Per tick, a last part tick as one; exact near `ceiling`, elsewhere anything from the truth up to it."""
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    ticks = -(-len(samples) // TICK)
    highest = max(float(samples.max(initial=0)), -float(samples.min(initial=0)))
    if highest * _OVERSHOOT <= ceiling:
        return np.full(ticks, highest, np.float32)
    padded = np.zeros((ticks * TICK, channels), np.float32)
    padded[: len(samples)] = samples.reshape(-1, channels)
    peaks = np.abs(padded).reshape(ticks, TICK * channels).max(axis=1)
    hot = np.flatnonzero(peaks * _OVERSHOOT > ceiling)
    peaks[hot] = np.maximum(peaks[hot], _between(padded, hot))
    return np.asarray(peaks, np.float32)


def true_peak(samples: Samples) -> float:
    """The highest true peak, as an amplitude."""
    if not len(samples):
        return 0.0
    highest = float(np.abs(samples).max())
    return float(peaks_of(samples, highest).max())


def gains_of(peaks: Peaks, ceiling: float) -> Peaks:
    """One gain per tick and one behind the last, so that a line drawn between them keeps every peak under `ceiling`."""
    wanted = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    # A line between two ticks passes over both, so each tick must respect its neighbours.
    edge = np.concatenate([wanted[:1], wanted, wanted[-1:], wanted[-1:]]) if len(wanted) else np.ones(3)
    wanted = np.minimum(np.minimum(edge[:-2], edge[1:-1]), edge[2:]) if len(wanted) else np.ones(1)
    ahead = np.concatenate([wanted, np.ones(AHEAD_TICKS)])
    lowest = np.lib.stride_tricks.sliding_window_view(ahead, AHEAD_TICKS + 1).min(axis=1)
    ramp = np.arange(len(lowest)) * _RELEASE_PER_TICK
    released = np.minimum(1.0, np.minimum.accumulate(lowest - ramp) + ramp)
    before = np.concatenate([np.full(AHEAD_TICKS, released[0]), released])
    return np.convolve(before, np.full(AHEAD_TICKS + 1, 1 / (AHEAD_TICKS + 1)), "valid").astype(np.float32)


def turned_down(samples: Samples, gains: Peaks) -> Samples:
    """Samples under gains that begin with their first tick; gains run in a straight line from tick to tick."""
    slopes = np.diff(gains)[:, None] * (np.arange(TICK, dtype=np.float32) / TICK)
    along = (gains[:-1, None] + slopes).reshape(-1)[: len(samples)]
    return np.asarray(samples * (along if samples.ndim == 1 else along[:, None]), np.float32)


def limited(samples: Samples, ceiling: float) -> Samples:
    """A whole sound, its true peaks under `ceiling`; the same array where nothing had to be done."""
    peaks = peaks_of(samples, ceiling)
    if not len(peaks) or peaks.max() <= ceiling:
        return samples
    return turned_down(samples, gains_of(peaks, ceiling))


def _between(padded: Samples, hot: npt.NDArray[np.intp]) -> Peaks:
    """True peaks of these ticks: three points between each two samples, by a twelve-tap interpolator."""
    half = _TAPS // 2
    wide = np.pad(padded, ((half, half), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(wide, TICK + _TAPS - 1, axis=0)[hot * TICK + 1]
    return np.asarray(np.abs(windows @ _interpolator()).max(axis=(1, 2)), dtype=np.float32)


@cache
def _interpolator() -> npt.NDArray[np.float32]:
    """(tick + taps - 1, 3 * tick): from samples around a tick to the points between them."""
    half = _TAPS // 2
    matrix = np.zeros((TICK + _TAPS - 1, _PHASES - 1, TICK), np.float32)
    for phase in range(1, _PHASES):
        at = np.arange(-half + 1, half + 1) - phase / _PHASES
        taps = np.sinc(at) * np.cos(np.pi * at / (2 * half + 1)) ** 2
        for to in range(TICK):
            matrix[to : to + _TAPS, phase - 1, to] = taps / taps.sum()
    return matrix.reshape(len(matrix), -1)
