"""A voice's pitch, by its own echo."""

from __future__ import annotations

import numpy as np

from pipeline.words.sound import RATE_HZ, Samples

_EVERY = 8
_LEAST_HZ, _MOST_HZ = 60.0, 420.0
_WINDOW, _HOP = 480, 120


def pitch_hz(voice: Samples) -> float:
    """Median over the frames that are clearly voiced; raises ValueError where none is."""
    rate = RATE_HZ / _EVERY
    slow = voice[: len(voice) // _EVERY * _EVERY].reshape(-1, _EVERY).mean(axis=1)
    frames = np.lib.stride_tricks.sliding_window_view(slow, _WINDOW)[::_HOP]
    loud = np.sqrt((frames**2).mean(axis=1))
    centred = frames - frames.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(centred * np.hanning(_WINDOW), 4 * _WINDOW)
    echo = np.fft.irfft(np.abs(spectrum) ** 2)[:, :_WINDOW]
    echo /= np.fft.irfft(np.abs(np.fft.rfft(np.hanning(_WINDOW), 4 * _WINDOW)) ** 2)[:_WINDOW].clip(1e-3)
    first, last = int(rate / _MOST_HZ), int(rate / _LEAST_HZ)
    near = echo[:, first:last]
    best = near.argmax(axis=1)
    clear = (near.max(axis=1) > 0.6 * echo[:, 0]) & (loud > 0.3 * loud.max())
    if not clear.any():
        raise ValueError("no voiced frame")
    return float(np.median(rate / (best[clear] + first)))
