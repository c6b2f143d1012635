"""The finished file of a tale."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.audio.container import FORMS, encode
from pipeline.audio.decode import blocks_of
from pipeline.audio.dynamics import true_peak
from pipeline.audio.loudness import SILENCE_LUFS, Meter
from pipeline.audio.picture import BARS
from pipeline.audio.sum import EVEN, Gains, Sum
from pipeline.words.sound import Samples

TARGET_LUFS, MOST_GAIN_DB = -16.0, 1.0  # live listeners hear the sum without this gain: it must stay small
CEILING_DBTP = -1.0
_TRIES = 3

Check = Callable[[], None]
"""Raises where somebody asked to stop."""


@dataclass(frozen=True)
class Mastered:
    """Figures of the finished file, measured on the file itself."""

    samples: int
    loudness_lufs: float
    true_peak_dbtp: float
    gain_db: float
    """Gain between the live sum and the file."""
    heights: npt.NDArray[np.float64]
    """Loudness along the tale, 0..1, for its picture."""


def master(tale: Sum, to: Path, check: Check, gains: Gains = EVEN, gain_db: float | None = None) -> Mastered:
    """Write the whole sum as FLAC, in two passes and constant memory: one to measure, one to write.

    A changed tale keeps the gain of its first version, so that what did not change is the same to the sample.
    """
    meter, contour = Meter(), Contour(tale.samples, BARS)
    for block in tale.walk(gains):
        check()
        meter.add(block)
        contour.add(block)
    gain_db = constant_gain_db(meter.lufs) if gain_db is None else gain_db
    for _ in range(_TRIES):
        encode(to, _turned(tale, gain_db, check, gains), FORMS[".flac"])
        # The true peak lies between samples and is known only of what was written; a second try is rarely needed.
        lufs, peak_db = _measured(to, check)
        if peak_db <= CEILING_DBTP:
            break
        gain_db -= peak_db - CEILING_DBTP + 0.05
    return Mastered(tale.samples, lufs, peak_db, gain_db, contour.heights)


def constant_gain_db(lufs: float) -> float:
    """Return the gain that brings a tale to TARGET_LUFS, within bounds; 0 for silence."""
    if lufs <= SILENCE_LUFS:
        return 0.0
    return max(-MOST_GAIN_DB, min(MOST_GAIN_DB, TARGET_LUFS - lufs))


def _turned(tale: Sum, gain_db: float, check: Check, gains: Gains) -> Iterator[Samples]:
    factor = np.float32(10 ** (gain_db / 20))
    for block in tale.walk(gains):
        check()
        yield block * factor


def _measured(file: Path, check: Check) -> tuple[float, float]:
    meter, peak = Meter(), 0.0
    for block in blocks_of(file):
        check()
        meter.add(block)
        peak = max(peak, true_peak(block))
    return meter.lufs, 20 * float(np.log10(max(peak, 1e-6)))


class Contour:
    """Loudness along a sound of known length, in `points` values, gathered block by block."""

    def __init__(self, frames: int, points: int) -> None:
        self._frames = max(1, frames)
        self._energy = np.zeros(points)
        self._counts = np.zeros(points)
        self._at = 0

    def add(self, block: Samples) -> None:
        """Take the next samples in."""
        ends = self._at + len(block)
        while self._at < ends:
            point = min(len(self._energy) - 1, self._at * len(self._energy) // self._frames)
            stop = min(ends, max(self._at + 1, -(-(point + 1) * self._frames // len(self._energy))))
            part = block[len(block) - (ends - self._at) : len(block) - (ends - stop)]
            self._energy[point] += float(np.square(part).sum())
            self._counts[point] += part.size
            self._at = stop

    @property
    def heights(self) -> npt.NDArray[np.float64]:
        """0..1, the loudest point 1."""
        rms = np.sqrt(self._energy / np.maximum(1, self._counts))
        return np.asarray(rms / max(1e-9, rms.max()))
