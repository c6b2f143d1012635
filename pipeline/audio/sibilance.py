"""Sharp consonants softened."""

from __future__ import annotations

from functools import cache

import numpy as np

from pipeline.audio.colour import convolved
from pipeline.words.sound import RATE_HZ, Samples

HISS_HZ = 5_000.0
MOST_HISS_DB = -3.0
"""How loud an s may be beside all that is not hiss: most voices keep to it by themselves, some whistle 10 dB above."""
MOST_SOFTENED_DB = -12.0
_TAPS = 255
_TICK = RATE_HZ // 400
_NEAR_TICKS = 3
"""The gain is down before the hiss begins, and up again as soon after."""


def softened(line: Samples) -> Samples:
    """A mono line whose every s keeps its distance; the very same array where each one does."""
    ticks = len(line) // _TICK
    if ticks < 2:
        return line
    hiss = convolved(line, _above())[_TAPS // 2 :][: len(line)]
    most = float(np.sqrt(np.square(line - hiss).mean())) * 10 ** (MOST_HISS_DB / 20)
    levels = np.sqrt(np.square(hiss[: ticks * _TICK]).reshape(ticks, _TICK).mean(axis=1))
    if levels.max() <= most:
        return line
    wanted = np.clip(most / np.maximum(levels, 1e-9), 10 ** (MOST_SOFTENED_DB / 20), 1.0)
    gains = np.interp(np.arange(len(line)), (np.arange(ticks) + 0.5) * _TICK, _eased(wanted))
    return np.asarray(line - hiss * (1 - gains), np.float32)


def _eased(wanted: Samples) -> Samples:
    """The lowest wanted near each tick, with slopes instead of steps."""
    width = 2 * _NEAR_TICKS + 1
    lowest = np.lib.stride_tricks.sliding_window_view(np.pad(wanted, _NEAR_TICKS, mode="edge"), width).min(axis=1)
    smooth = np.hanning(width + 2)[1:-1]
    return np.convolve(np.pad(lowest, _NEAR_TICKS, mode="edge"), smooth / smooth.sum(), "valid")


@cache
def _above() -> Samples:
    """All above HISS_HZ, without delaying it against the rest."""
    at = np.arange(_TAPS) - _TAPS // 2
    below = np.sinc(2 * HISS_HZ / RATE_HZ * at) * np.blackman(_TAPS)
    taps = -below / below.sum()
    taps[_TAPS // 2] += 1
    return np.asarray(taps, np.float32)
