"""A voice turned to a whisper."""

from __future__ import annotations

import numpy as np

from pipeline.words.sound import Samples

_FRAME = 768
"""16 ms: short enough that no pitch is left in it."""
_HOP = _FRAME // 4


def whispered(voice: Samples, breath: float, seed: int) -> Samples:
    """`breath` 0 leaves the voice, 1 takes all its tone: the same spectrum, with the phase of noise."""
    if breath <= 0 or len(voice) < _FRAME:
        return voice
    padded = np.pad(voice, (_FRAME, _FRAME + _HOP))
    window = np.hanning(_FRAME + 1)[:-1].astype(np.float32)
    starts = np.arange(0, len(padded) - _FRAME, _HOP)
    frames = np.fft.rfft(padded[starts[:, None] + np.arange(_FRAME)] * window)
    turns = np.random.default_rng(seed).uniform(-np.pi, np.pi, frames.shape)
    noise = np.fft.irfft(np.abs(frames) * np.exp(1j * turns), _FRAME).astype(np.float32) * window
    airy = np.zeros(len(padded), np.float32)
    for frame, start in zip(noise, starts, strict=True):
        airy[start : start + _FRAME] += frame
    airy = airy[_FRAME : _FRAME + len(voice)]
    # Noise is weaker than tone after the overlapping windows; it is brought to the same energy.
    airy *= np.sqrt(float((voice**2).mean()) / max(float((airy**2).mean()), 1e-12))
    return ((1 - breath) * voice + breath * airy).astype(np.float32)
