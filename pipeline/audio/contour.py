"""How loud a sound is along its way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.audio.decode import blocks_of
from pipeline.words.sound import Samples


class Contour:
    """How loud a sound of known length is along its way, told in `points`, while it passes block by block."""

    def __init__(self, frames: int, points: int) -> None:
        self._frames = max(1, frames)
        self._energy = np.zeros(points)
        self._counts = np.zeros(points)
        self._at = 0

    def add(self, block: Samples) -> None:
        """The next samples."""
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


def contour_of(file: Path, frames: int, points: int) -> npt.NDArray[np.float64]:
    """The same of a finished file: 0..1 per point, as a voice message shows it."""
    contour = Contour(frames, points)
    for block in blocks_of(file):
        contour.add(block)
    return contour.heights
