"""Reverberation and the dip for words."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from pipeline.audio.room import Acoustics, answer
from pipeline.words.sound import RATE_HZ, Samples

DIP_HZ, DIP_Q, DIP_DB = 2_000.0, 0.7, -8.0
"""Where consonants live; the bed makes way there while a line sounds."""
_BAND_TAPS = 255
_LEAST_FFT = 8_192


def reverberant(voice: Samples, room: Acoustics) -> Samples:
    """A dry mono voice with its room's answer, as long as the voice was."""
    return ringing(voice, room)[: len(voice)]


def ringing(sound: Samples, room: Acoustics) -> Samples:
    """A dry mono sound with its room's answer, rung out to its end."""
    response = answer(room)
    if not len(response) or not len(sound):
        return sound
    whole = convolved(sound, response)
    whole[: len(sound)] += sound
    return np.asarray(whole, np.float32)


def dipped(bed: Samples, depth: npt.NDArray[np.float32]) -> Samples:
    """A stereo bed with the band around 2 kHz lowered by DIP_DB where `depth` is 1, untouched where it is 0."""
    if not depth.any():
        return bed
    first, last = int(np.argmax(depth > 0)), len(depth) - int(np.argmax(depth[::-1] > 0))
    around = slice(max(0, first - _BAND_TAPS), min(len(bed), last + _BAND_TAPS))
    band = convolved(bed[around], _band())[_BAND_TAPS // 2 :][: len(bed[around])]
    share = np.float32(1 - 10 ** (DIP_DB / 20))
    out = bed.copy()
    out[around] -= band * (share * depth[around])[:, None]
    return out


def convolved(sound: Samples, response: Samples) -> Samples:
    """The full convolution, block by block; a stereo sound rides as one complex signal through a real filter."""
    stereo = sound.ndim == 2
    signal = np.ascontiguousarray(sound, np.float32).view(np.complex64)[:, 0] if stereo else sound
    size = max(_LEAST_FFT, 1 << (4 * len(response) - 1).bit_length())
    step = size - len(response) + 1
    forth, back = (np.fft.fft, np.fft.ifft) if stereo else (np.fft.rfft, np.fft.irfft)
    spectrum = forth(response, size)
    out = np.zeros(len(signal) + len(response) - 1, signal.dtype)
    for at in range(0, len(signal), step):
        heard = back(forth(signal[at : at + step], size) * spectrum, size)
        end = min(len(out), at + size)
        out[at:end] += heard[: end - at].astype(out.dtype, copy=False)
    return np.asarray(out.view(np.float32).reshape(-1, 2) if stereo else out)


@cache
def _band() -> Samples:
    """A linear-phase band-pass of unit height at DIP_HZ, as wide as its Q says."""
    size = 1 << 14
    hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    hz[0] = 1e-3
    height = 1 / np.sqrt(1 + (DIP_Q * (hz / DIP_HZ - DIP_HZ / hz)) ** 2)
    centred = np.roll(np.fft.irfft(height, size), _BAND_TAPS // 2)[:_BAND_TAPS] * np.hanning(_BAND_TAPS)
    tone = np.exp(-2j * np.pi * DIP_HZ / RATE_HZ * np.arange(_BAND_TAPS))
    return np.asarray(centred / abs(centred @ tone), np.float32)
