"""Whether a take can be kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.speaking.tongues import tongue
from pipeline.words.sound import RATE_HZ, Samples

SHORTEST, LONGEST = 0.45, 2.2
"""Of the expected length: beyond them words were skipped or invented."""
MOST_UNHEARD = 0.3
"""Share of the letters: a third of a line gone is a clause that was skipped."""
_EDGE_S = 0.5
_SILENT = 1e-3


@dataclass(frozen=True)
class Verdict:
    """Fault of a take, and how far off it is."""

    fault: str = ""
    """`silent`, `short`, `long`, `words`, or empty where it is good."""
    off: float = 0.0
    """How far it is from what was expected: the better of two takes is the one nearer to 0."""


def by_length(text: str, samples: Samples, language: str, pace: float) -> Verdict:
    """Check a take's length, which costs nothing: silence, a runaway, too short for its words."""
    if not len(samples) or float(np.abs(samples).max()) < _SILENT:
        return Verdict("silent", 1e3)
    letters = sum(char.isalnum() or unicodedata.category(char).startswith("M") for char in text)
    expected_s = letters / tongue(language).letters_s / pace
    length_s = len(samples) / RATE_HZ
    # A very short line is mostly its own beginning and end, and a few letters can be long words.
    if length_s < SHORTEST * expected_s - _EDGE_S / 4:
        return Verdict("short", expected_s / length_s)
    if length_s > LONGEST * expected_s + _EDGE_S:
        return Verdict("long", length_s / (expected_s + _EDGE_S))
    return Verdict()


def by_ear(text: str, heard: str) -> Verdict:
    """A check by transcript: the share of letters that were skipped, invented or taken for others.

    Letters, not words: a small transcriber spells one French word in ten its own way, though it heard all of them.
    """
    wanted, found = "".join(words_alone(text)), "".join(words_alone(heard))
    share = edits(wanted, found) / max(1, len(wanted))
    return Verdict("words", share) if share > MOST_UNHEARD else Verdict("", share)


def words_alone(text: str) -> list[str]:
    """Return bare words in lower case; apostrophes join, hyphens part."""
    flat = unicodedata.normalize("NFC", text.casefold()).replace("’", "'")
    return [word.replace("'", "") for word in re.findall(r"[\w'ऀ-ॣ]+", flat.replace("_", " ")) if word.strip("'")]


def edits(wanted: Sequence[str], found: Sequence[str]) -> int:
    """Count the fewest insertions, deletions and substitutions that turn one into the other."""
    row = list(range(len(found) + 1))
    for at, word in enumerate(wanted, 1):
        above, row[0] = row[0], at
        for column, other in enumerate(found, 1):
            above, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, above + (word != other))
    return row[-1]
