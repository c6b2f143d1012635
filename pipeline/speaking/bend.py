"""Changes a voice's pitch, pace and breath."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.words.sound import RATE_HZ, Samples

Resample = Callable[[Samples, float, float], Samples]

_WINDOW = RATE_HZ // 33
_HOP = _WINDOW // 2
_SEARCH = RATE_HZ // 125
"""8 ms: one period of the lowest voice."""
_FRAME = 768
"""16 ms: short enough that no pitch is left in it."""
_WHISPER_HOP = _FRAME // 4


def bent(voice: Samples, pitch_semitones: float, pace: float, resample: Resample) -> Samples:
    """Change pitch and pace of a voice, for models that cannot."""
    # Resampling moves the pitch and the length; WSOLA, overlapping waves that are alike, then mends the length.
    factor = 2.0 ** (pitch_semitones / 12)
    moved = voice if factor == 1.0 else np.asarray(resample(voice, RATE_HZ * factor, RATE_HZ), np.float32)
    return stretched(moved, pace / factor)


def stretched(voice: Samples, speed: float) -> Samples:
    """Change the speed at the same pitch; 1 returns the samples unchanged."""
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
    """Return how far from the wanted place the wave best continues the last piece."""
    natural = voice[goes_on : goes_on + _HOP]
    least = max(-_SEARCH, -wanted)
    around = voice[wanted + least : wanted + _SEARCH + _HOP]
    if len(natural) < _HOP or len(around) < _HOP:
        return 0
    likeness = np.correlate(around, natural, "valid")
    energy = np.sqrt(np.convolve(around**2, np.ones(_HOP, np.float32), "valid") + 1e-9)
    return least + int(np.argmax(likeness / energy))


def whispered(voice: Samples, breath: float, seed: int) -> Samples:
    """Whisper: `breath` 0 leaves the voice, 1 removes all tone: the same spectrum with the phase of noise."""
    if breath <= 0 or len(voice) < _FRAME:
        return voice
    padded = np.pad(voice, (_FRAME, _FRAME + _WHISPER_HOP))
    window = np.hanning(_FRAME + 1)[:-1].astype(np.float32)
    starts = np.arange(0, len(padded) - _FRAME, _WHISPER_HOP)
    frames = np.fft.rfft(padded[starts[:, None] + np.arange(_FRAME)] * window)
    # Each frame keeps its spectrum, so the vowels stay; phases drawn at random take the tone away.
    turns = np.random.default_rng(seed).uniform(-np.pi, np.pi, frames.shape)
    noise = np.fft.irfft(np.abs(frames) * np.exp(1j * turns), _FRAME).astype(np.float32) * window
    airy = np.zeros(len(padded), np.float32)
    for frame, start in zip(noise, starts, strict=True):
        airy[start : start + _FRAME] += frame
    airy = airy[_FRAME : _FRAME + len(voice)]
    # Noise is weaker than tone after the overlapping windows; it is brought to the same energy.
    airy *= np.sqrt(float((voice**2).mean()) / max(float((airy**2).mean()), 1e-12))
    return ((1 - breath) * voice + breath * airy).astype(np.float32)
