"""Whether more than one voice speaks."""

from __future__ import annotations

import math

import numpy as np

from pipeline.speaking.pitch import pitch_hz
from pipeline.words.sound import RATE_HZ, Recording, Samples

APART_SEMITONES = 6.0
"""One reader's first and last words seldom lie further apart than four; a man's and a woman's do, by seven and more."""
_WINDOW_S = 1.0
_LEAST = 2
"""Windows on either side: a single one may be a cry."""


def speakers_in(recording: Recording) -> int:
    """1, or 2 where the pitch moves to another place and stays there. Two alike voices pass for one."""
    import soxr

    sound = soxr.resample(recording.samples, recording.rate_hz, RATE_HZ)
    window = round(_WINDOW_S * RATE_HZ)
    heights = [height for at in range(0, len(sound), window) if (height := _semitones(sound[at : at + window]))]
    splits = range(_LEAST, len(heights) - _LEAST + 1)
    apart = max((abs(np.median(heights[:at]) - np.median(heights[at:])) for at in splits), default=0.0)
    return 2 if apart > APART_SEMITONES else 1


def _semitones(sound: Samples) -> float:
    """Above 1 Hz; 0 where nothing in it is clearly voiced."""
    try:
        return 12 * math.log2(pitch_hz(sound)) if len(sound) > RATE_HZ // 4 else 0.0
    except ValueError:
        return 0.0
