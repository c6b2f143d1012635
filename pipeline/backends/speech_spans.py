"""Spoken stretches of a recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

HEARING_HZ = 16_000
"""What voices are heard at."""


@dataclass(frozen=True)
class Span:
    """A stretch in which somebody speaks."""

    start: int
    """In samples of the recording."""
    end: int


def joined(samples: npt.NDArray[np.float32], spans: Sequence[Span]) -> npt.NDArray[np.float32]:
    """The stretches one after the other, the silence between them left out."""
    parts = [samples[span.start : span.end] for span in spans]
    return np.concatenate(parts) if parts else samples[:0]


def original_s(joined_s: float, spans: Sequence[Span], rate_hz: int) -> float:
    """Where a moment of the joined speech lies in the recording, in seconds."""
    left = round(joined_s * rate_hz)
    for span in spans:
        length = span.end - span.start
        if left <= length:
            return (span.start + left) / rate_hz
        left -= length
    return spans[-1].end / rate_hz if spans else joined_s
