"""A voice learnt from its owner's own words."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

import numpy as np

from pipeline.errors import Refused
from pipeline.places import DATA
from pipeline.speaking.takes import edits, words_alone
from pipeline.tables import read_table
from pipeline.words.sound import Recording, Samples

LEAST_S, MOST_S = 4.0, 20.0
"""Five to six seconds of speech suffice; the sentence is that long."""
MOST_WRONG = 0.25
"""Share of the sentence's words that a transcriber may hear otherwise."""
LEAST_SPOKEN = 0.35
"""Of the recording's length: less is silence, or music under which nobody speaks."""
_FRAME_S = 0.02
_LEAST_LEVEL = 0.003
_MOST_STEADY = 0.85
"""Speech comes and goes; what sounds in more of its frames than this is music or noise."""


@dataclass(frozen=True)
class _Sentences:
    """One language's table of data/consent.toml."""

    consent: str
    endings: tuple[str, ...]


def consent_sentence(language: str, chance: str) -> str:
    """What the member is to read aloud: a consent, and an ending that `chance` picks, so that no old recording fits."""
    table = _sentences().get(language) or _sentences()["en"]
    number = int.from_bytes(hashlib.sha256(chance.encode()).digest()[:4], "big")
    return f"{table.consent} {table.endings[number % len(table.endings)]}"


def accept_consent(sentence: str, heard: str, recording: Recording, speakers: int = 1) -> None:
    """Raises Refused with what to mend: `reference_too_short`, `_long`, `_silent`, `_two_voices`, `consent_unheard`."""
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
    if edits(wanted, found) > MOST_WRONG * len(wanted):
        raise Refused("reference_music" if share > _MOST_STEADY and not found else "consent_unheard", sentence=sentence)


def spoken_share(recording: Recording) -> float:
    """Share of the frames in which something sounds."""
    frame = round(_FRAME_S * recording.rate_hz)
    sound: Samples = recording.samples[: len(recording.samples) // frame * frame].reshape(-1, frame)
    if not len(sound):
        return 0.0
    level = np.sqrt((sound**2).mean(axis=1))
    return float((level > max(_LEAST_LEVEL, 0.08 * float(np.percentile(level, 95)))).mean())


@cache
def _sentences() -> dict[str, _Sentences]:
    return read_table(DATA / "consent.toml", dict[str, _Sentences])
