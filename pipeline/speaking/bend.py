"""A voice's pitch and pace, bent in time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.words.sound import RATE_HZ, Samples

Resample = Callable[[Samples, float, float], Samples]

_WINDOW = RATE_HZ // 33
_HOP = _WINDOW // 2
_SEARCH = RATE_HZ // 125
"""8 ms: one period of the lowest voice."""


def bent(voice: Samples, pitch_semitones: float, pace: float, resample: Resample) -> Samples:
    """For models that offer neither: pitch by resampling, then the length mended by overlapping alike waves (WSOLA)."""
    factor = 2.0 ** (pitch_semitones / 12)
    moved = voice if factor == 1.0 else np.asarray(resample(voice, RATE_HZ * factor, RATE_HZ), np.float32)
    return stretched(moved, pace / factor)


def stretched(voice: Samples, speed: float) -> Samples:
    """The same pitch at another speed; 1 gives the very samples back."""
    if speed == 1.0 or len(voice) < 2 * _WINDOW:
        return voice
    window = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    padded = np.pad(voice, (0, 2 * _WINDOW + 2 * _SEARCH))
    steps = int(len(voice) / speed) // _HOP
    out = np.zeros(steps * _HOP + _WINDOW, np.float32)
    at = 0
    for step in range(steps):
        wanted = int(step * _HOP * speed)
        if step:
            at = wanted + _likest(padded, at + _HOP, wanted)
        out[step * _HOP : step * _HOP + _WINDOW] += padded[at : at + _WINDOW] * window
    return out[: int(len(voice) / speed)]


def _likest(voice: Samples, goes_on: int, wanted: int) -> int:
    """How far from the wanted place the wave best continues what was laid down last."""
    natural = voice[goes_on : goes_on + _HOP]
    least = max(-_SEARCH, -wanted)
    around = voice[wanted + least : wanted + _SEARCH + _HOP]
    if len(natural) < _HOP or len(around) < _HOP:
        return 0
    likeness = np.correlate(around, natural, "valid")
    energy = np.sqrt(np.convolve(around**2, np.ones(_HOP, np.float32), "valid") + 1e-9)
    return least + int(np.argmax(likeness / energy))
