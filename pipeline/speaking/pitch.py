"""A voice's pitch, by YIN."""

from __future__ import annotations

import numpy as np

from pipeline.words.sound import RATE_HZ, Samples

_EVERY = 6
_LEAST_HZ, _MOST_HZ = 60, 420
_WINDOW, _HOP = 320, 160
_CLEAR = 0.5
_LEAST_LOUD = 0.1
"""Both mild: strict ones leave only the stressed vowels, which lie up to seven semitones above the line."""


def pitch_hz(voice: Samples) -> float:
    """Mean, on the scale of semitones, over the voiced frames; raises ValueError where none is."""
    rate = RATE_HZ // _EVERY
    slow = voice[: len(voice) // _EVERY * _EVERY].reshape(-1, _EVERY).mean(axis=1)
    longest = rate // _LEAST_HZ
    frames = np.lib.stride_tricks.sliding_window_view(slow, _WINDOW + longest + 1)[::_HOP]
    loud = np.sqrt((frames**2).mean(axis=1))
    found = [_period(frame, rate) for frame in frames[loud > _LEAST_LOUD * loud.max()]]
    periods = [period for period in found if period]
    if not periods:
        raise ValueError("no voiced frame")
    return float(rate / np.exp(np.mean(np.log(periods))))


def _period(frame: Samples, rate: int) -> float:
    """In samples; 0 where the frame does not repeat itself."""
    head = frame[:_WINDOW]
    lags = np.arange(len(frame) - _WINDOW)
    apart = np.array([float(((head - frame[lag : lag + _WINDOW]) ** 2).sum()) for lag in lags])
    mean = np.cumsum(apart[1:]) / lags[1:]
    dip = np.concatenate([[1.0], apart[1:] / np.maximum(mean, 1e-9)])
    first = rate // _MOST_HZ
    below = np.flatnonzero(dip[first:-1] < _CLEAR)
    if not len(below):
        return 0.0
    at = first + int(below[0])
    while at + 2 < len(dip) and dip[at + 1] < dip[at]:
        at += 1
    left, here, right = dip[at - 1], dip[at], dip[at + 1]
    bend = left - 2 * here + right
    return at + (0.5 * (left - right) / bend if bend > 0 else 0.0)
