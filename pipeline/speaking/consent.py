"""Checks a recording of the consent sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from statistics import median_high, median_low

import numpy as np

from pipeline.consent import consent_sentence
from pipeline.errors import Refused
from pipeline.speaking.likeness import pitch_hz
from pipeline.speaking.takes import edits, words_alone
from pipeline.words.sound import RATE_HZ, Recording, Samples

__all__ = ["accept_consent", "consent_sentence", "spoken_share"]

LEAST_S, MOST_S = 4.0, 20.0
"""Five to six seconds of speech suffice; the sentence is that long."""
MOST_WRONG = 0.25
"""Share of the sentence's words that a transcriber may hear otherwise."""
MOST_WRONG_OF_NEW = 2
"""Words of its last part, which nobody knew: two drawn at random seldom lie so near each other."""
LEAST_SPOKEN = 0.35
"""Share of the recording in which something sounds; below it there is silence, or too little speech."""
_FRAME_S = 0.02
_LEAST_LEVEL = 0.003
_MOST_STEADY = 0.85
"""Speech comes and goes; what sounds in more of its frames than this is music or noise."""
APART_SEMITONES = 6.0
"""One reader's first and last words seldom lie further apart than four; a man's and a woman's do, by seven and more."""
_WINDOW_S = 1.0
_LEAST = 2
"""Windows on either side: a single one may be a cry."""


def accept_consent(sentence: str, heard: str, recording: Recording, speakers: int = 1) -> None:
    """Raises Refused with what to mend: `reference_too_short`, `_long`, `_silent`, `_two_voices`, `consent_unheard`."""
    # The cheap checks come first, and the one that needs every second's pitch comes last.
    length_s = len(recording.samples) / recording.rate_hz
    if speakers > 1:
        raise Refused("reference_two_voices", speakers=speakers)
    if length_s < LEAST_S:
        raise Refused("reference_too_short", seconds=round(length_s, 1), least=LEAST_S)
    if length_s > MOST_S:
        raise Refused("reference_too_long", seconds=round(length_s, 1), most=MOST_S)
    share = spoken_share(recording)
    if share < LEAST_SPOKEN:
        raise Refused("reference_silent")
    wanted, found = words_alone(sentence), words_alone(heard)
    known = edits(wanted, found) <= MOST_WRONG * len(wanted)
    if not known or _ends_on(_last_part(sentence), found) > MOST_WRONG_OF_NEW:
        raise Refused("reference_music" if share > _MOST_STEADY and not found else "consent_unheard", sentence=sentence)
    if (several := speakers_in(recording)) > 1:
        raise Refused("reference_two_voices", speakers=several)


def _last_part(sentence: str) -> list[str]:
    """Return the words of the sentence's last part, which was drawn at random for this one recording."""
    # A recording from another day has the consent, but not these words: that keeps others from playing one back.
    return words_alone(re.split(r"(?<=[.!?])\s+", sentence.strip())[-1])


def _ends_on(wanted: list[str], found: list[str]) -> int:
    """Count the words that differ at the end, where one word may have been heard as two."""
    lengths = range(len(wanted) - MOST_WRONG_OF_NEW, len(wanted) + MOST_WRONG_OF_NEW + 1)
    return min(edits(wanted, found[-length:]) for length in lengths if length > 0)


def spoken_share(recording: Recording) -> float:
    """Return the share of frames in which something sounds."""
    frame = round(_FRAME_S * recording.rate_hz)
    sound: Samples = recording.samples[: len(recording.samples) // frame * frame].reshape(-1, frame)
    if not len(sound):
        return 0.0
    level = np.sqrt((sound**2).mean(axis=1))
    return float((level > max(_LEAST_LEVEL, 0.08 * float(np.percentile(level, 95)))).mean())


def speakers_in(recording: Recording) -> int:
    """Count speakers: 2 where the pitch moves and stays there, else 1; two voices of one pitch pass for one."""
    import soxr

    sound = soxr.resample(recording.samples, recording.rate_hz, RATE_HZ)
    window = round(_WINDOW_S * RATE_HZ)
    heights = [height for at in range(0, len(sound), window) if (height := _semitones(sound[at : at + window]))]
    splits = range(_LEAST, len(heights) - _LEAST + 1)
    apart = max((_apart(heights[:at], heights[at:]) for at in splits), default=0.0)
    return 2 if apart > APART_SEMITONES else 1


def _apart(before: Sequence[float], after: Sequence[float]) -> float:
    """Semitones between the usual heights of two stretches."""
    # The mean of two windows would let a single one count for half: the breath a sentence ends on is low, and no voice.
    return min(abs(one - other) for one in _middles(before) for other in _middles(after))


def _middles(heights: Sequence[float]) -> tuple[float, float]:
    return median_low(heights), median_high(heights)


def _semitones(sound: Samples) -> float:
    """Return the pitch in semitones above 1 Hz; 0 where nothing is clearly voiced."""
    try:
        return 12 * math.log2(pitch_hz(sound)) if len(sound) > RATE_HZ // 4 else 0.0
    except ValueError:
        return 0.0
