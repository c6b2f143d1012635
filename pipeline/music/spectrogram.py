"""Pictures of sound made audible."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.words.sound import RATE_HZ, Samples

# How the pictures of Riffusion are drawn: mel bands upwards, time to the right, dark is loud.
PICTURE_HZ, HOP, MOST_HZ = 44_100, 441, 10_000.0
_WINDOW = 4_410
_DRAWN_FFT = 17_640
_POWER = 0.25
_WRAP = 32
"""Columns repeated at both ends, so that the loop's seam lies inside what is inverted."""
_ROUNDS, _MOMENTUM = 32, 0.99
_PEAK = 0.5

Picture = npt.NDArray[np.uint8]
"""(mel bands, columns, 3)."""


def sound_of(picture: Picture, device: str = "cpu") -> Samples:
    """A loop in stereo at 48 kHz, 10 ms a column, whose end leads into its beginning; needs torch."""
    import soxr
    import torch

    magnitudes = torch.from_numpy(_magnitudes(picture)).to(device)
    wrapped = torch.cat([magnitudes[:, -_WRAP:], magnitudes, magnitudes[:, :_WRAP]], dim=1)
    wave = _inverted(_linear(wrapped, torch), torch)
    loop = _closed(np.asarray(wave.cpu().numpy(), np.float32), picture.shape[1])
    resampled = np.asarray(soxr.resample(np.tile(loop, 3), PICTURE_HZ, RATE_HZ, quality="HQ"), np.float32)
    length = round(len(loop) * RATE_HZ / PICTURE_HZ)
    middle = resampled[length : 2 * length]
    middle = middle * np.float32(_PEAK / max(1e-6, float(np.abs(middle).max())))
    return np.stack([middle, middle], axis=1)


def _magnitudes(picture: Picture) -> npt.NDArray[np.float32]:
    brightness = picture.astype(np.float32).mean(axis=2)[::-1]
    return np.ascontiguousarray((1 - brightness / 255) ** (1 / _POWER), np.float32)


def _linear(mels: Any, torch: Any) -> Any:
    """Mel bands read back at every bin of the transform: a weighing, no equation to solve."""
    drawn, bank = _filterbank(_DRAWN_FFT, len(mels)), _filterbank(_WINDOW, len(mels))
    weights = bank / (bank.sum(axis=1, keepdims=True) + 1e-8)
    density = mels / torch.from_numpy(drawn.sum(axis=0) + 1e-8).to(mels.device)[:, None]
    return torch.from_numpy(weights).to(mels.device) @ density


def _filterbank(fft: int, mels: int) -> npt.NDArray[np.float32]:
    """(bins, mels), triangles on the HTK scale."""
    hz = np.linspace(0, PICTURE_HZ / 2, fft // 2 + 1)
    highest = 2_595 * np.log10(1 + MOST_HZ / 700)
    points = 700 * (10 ** (np.linspace(0, highest, mels + 2) / 2_595) - 1)
    widths, slopes = np.diff(points), points[None] - hz[:, None]
    rising, falling = -slopes[:, :-2] / widths[:-1], slopes[:, 2:] / widths[1:]
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


def _inverted(magnitudes: Any, torch: Any) -> Any:
    """Griffin and Lim with momentum, from phases drawn by a fixed seed."""
    window = torch.hann_window(_WINDOW, device=magnitudes.device)
    chance = torch.Generator().manual_seed(0)
    turns = 2 * torch.pi * torch.rand(magnitudes.shape, generator=chance)
    phases = torch.polar(torch.ones(magnitudes.shape), turns).to(magnitudes.device)
    before = torch.zeros_like(phases)
    for _ in range(_ROUNDS):
        wave = torch.istft(magnitudes * phases, _WINDOW, HOP, _WINDOW, window)
        heard = torch.stft(wave, _WINDOW, HOP, _WINDOW, window, return_complex=True)[:, : magnitudes.shape[1]]
        phases = heard - before * (_MOMENTUM / (1 + _MOMENTUM))
        phases = phases / (phases.abs() + 1e-16)
        before = heard
    return torch.istft(magnitudes * phases, _WINDOW, HOP, _WINDOW, window)


def _closed(wave: npt.NDArray[np.float32], columns: int) -> npt.NDArray[np.float32]:
    """The middle alone, its beginning crossfaded with what came after its end."""
    start, length = _WRAP * HOP, columns * HOP
    loop = wave[start : start + length].copy()
    after = wave[start + length :][: PICTURE_HZ // 20]
    slope = np.sqrt(np.linspace(0, 1, len(after), dtype=np.float32))
    loop[: len(after)] = loop[: len(after)] * slope + after * slope[::-1]
    return loop
