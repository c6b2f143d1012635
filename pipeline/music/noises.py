"""Shaped noise, slow curves, grains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from pipeline.words.sound import RATE_HZ, Samples

Curve = npt.NDArray[np.float32]
Shape = Callable[[Curve], Curve]
"""Magnitude at each frequency in Hz."""

_CONTROL_HZ = 100


def noise(samples: int, shape: Shape, rng: np.random.Generator, likeness: float) -> Samples:
    """Stereo noise of unit power; its two sides correlate by `likeness`."""
    size = _even(samples)
    spectrum = shape(np.fft.rfftfreq(size, 1 / RATE_HZ).astype(np.float32))
    one, other = _white(size // 2 + 1)
    middle = np.roll(np.fft.irfft(one * spectrum, size), int(rng.integers(size)))[:samples]
    if likeness >= 1:
        return _unit(np.stack([middle, middle], 1))
    side = np.roll(np.fft.irfft(other * spectrum, size), int(rng.integers(size)))[:samples]
    middle *= np.float32(np.sqrt((1 + likeness) / 2))
    side *= np.float32(np.sqrt((1 - likeness) / 2))
    return _unit(np.stack([middle + side, middle - side], 1))


def band(low_hz: float, high_hz: float, order: int, tilt: float = 0.0) -> Shape:
    """A band with slopes of 6 dB an octave per order; tilt darkens it."""

    def shape(hz: Curve) -> Curve:
        above = np.maximum(hz, np.float32(1))
        edges = (1 + (low_hz / above) ** (2 * order)) * (1 + (above / high_hz) ** (2 * order))
        return np.asarray(np.maximum(hz, 50) ** -tilt / np.sqrt(edges), np.float32)

    return shape


def slow(samples: int, turns_per_s: float, rng: np.random.Generator, low: float = 0.0, high: float = 1.0) -> Curve:
    """A smooth random curve between low and high, as a column."""
    seconds = samples / RATE_HZ
    points = rng.random(max(4, int(seconds * turns_per_s) + 3))
    at = np.linspace(0, len(points) - 1.001, int(seconds * _CONTROL_HZ) + 2)
    left = at.astype(int)
    share = at - left
    share = share * share * (3 - 2 * share)
    drawn = points[left] * (1 - share) + points[np.minimum(left + 1, len(points) - 1)] * share
    ticks = np.arange(samples, dtype=np.float32) * (_CONTROL_HZ / RATE_HZ)
    curve = np.interp(ticks, np.arange(len(drawn)), low + (high - low) * drawn).astype(np.float32)
    return np.asarray(curve[:, None], np.float32)


def strew(out: Samples, bank: Sequence[Curve], at_s: Curve, loud: Curve, pan: Curve, rng: np.random.Generator) -> None:
    """Add grains of the bank at their times; pan 0 is left, 1 is right."""
    chosen = rng.integers(0, len(bank), len(at_s))
    for start_s, which, level, side in zip(at_s, chosen, loud, pan, strict=True):
        start = int(start_s * RATE_HZ)
        grain = bank[which][: max(0, len(out) - start)]
        out[start : start + len(grain), 0] += grain * np.float32(level * (1 - side))
        out[start : start + len(grain), 1] += grain * np.float32(level * side)


def chirp(seconds: float, start_hz: float, rise_hz_per_s: float, fading: float) -> Curve:
    """A sine that glides and dies away."""
    at = np.arange(int(RATE_HZ * seconds)) / RATE_HZ
    turns = start_hz * at + rise_hz_per_s * at * at
    return np.asarray(np.sin(2 * np.pi * turns) * np.exp(-at * fading) * np.minimum(1, at * 2_000), np.float32)


def _unit(sound: Samples) -> Samples:
    return np.asarray(sound / (np.sqrt(np.mean(np.square(sound))) + 1e-9), np.float32)


def _even(samples: int) -> int:
    return samples + samples % 2


@lru_cache(maxsize=2)
def _white(bins: int) -> tuple[npt.NDArray[np.complex64], npt.NDArray[np.complex64]]:
    """Two white spectra; every noise is a filtered, turned view of them."""
    rng = np.random.default_rng(1)
    drawn = [rng.standard_normal((bins, 2), dtype=np.float32).view(np.complex64)[:, 0] for _ in range(2)]
    return drawn[0], drawn[1]
