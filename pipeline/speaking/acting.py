"""Pace, pitch and loudness of a line."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain

from pipeline.places import DATA
from pipeline.speaking.curve import LEVEL, Touch
from pipeline.tables import by_key, by_language, read_table
from pipeline.words.mood import Emotion, Mood
from pipeline.words.story import NARRATOR, Line, Passage

MOST_PITCH = 1.2
"""Semitones either way of a voice's own pitch: it stays within 2.5 through a tale."""
LEAST_PACE, MOST_PACE = 0.75, 1.35
TELLING_PACE = 1.15
"""Brings a tale with its pauses to 150 to 175 words a minute; left to themselves, the voices read slower."""
CLOSING_S = 0.26
SCENE_S, TALE_S = 0.22, 0.40
"""Added where a scene or the tale ends."""
_NARRATOR_SHARE = 0.6
"""A narrator feels with the scene, yet less than those who live it."""

# Silence after a line, by the mark it ends with.
_AFTER_S = {
    ",": 0.14, ";": 0.24, ":": 0.22, ".": 0.30, "!": 0.28, "?": 0.32, "…": 0.48, "—": 0.34, "-": 0.20,
    "，": 0.14, "、": 0.14, "；": 0.24, "：": 0.22, "。": 0.30, "！": 0.28, "？": 0.32, "।": 0.30,
}  # fmt: skip
_UNMARKED_S = 0.10
_CLOSERS = " \"'”’»)」』）"


@dataclass(frozen=True)
class Played:
    """Figures by which one line is spoken."""

    pace: float = 1.0
    """Times the voice's usual speed."""
    pitch_semitones: float = 0.0
    """Added to the voice's own pitch."""
    energy_db: float = 0.0
    """Added to its level."""
    breath: float = 0.0
    """0 is voiced, 1 is a whisper without any voice."""
    after_s: float = 0.0
    """Silence after it, where another line of the passage follows."""


@dataclass(frozen=True)
class _Narration:
    pace: float
    pitch_semitones: float
    energy_db: float
    pause_s: float


@dataclass(frozen=True)
class _Sheet:
    narration: _Narration


@dataclass(frozen=True)
class Manner:
    """One manner of speaking: whispered, shouted, growled."""

    energy_db: float
    pace: float
    pitch_semitones: float
    breath: float
    verbs: tuple[str, ...] = ()
    """Beginnings of the verbs that name it, in all languages."""


def play(line: Line, passage: Passage, touch: Touch = LEVEL) -> Played:
    """Return how to speak a line, by its mood, manner and the member's own curve; every figure within bounds."""
    share = (_NARRATOR_SHARE if line.speaker == NARRATOR else 1.0) * (0.6 + 0.6 * passage.mood.arousal)
    felt = felt_as(passage.mood)
    said = manner_of(line.manner, line.text)
    # An exclamation mark raises the voice; a whispered one stays a whisper.
    loud = 0.6 if line.text.rstrip(_CLOSERS).endswith(("!", "！")) and said.breath == 0 else 0.0
    pitch = share * felt.pitch_semitones + said.pitch_semitones + loud / 2 + touch.pitch_semitones
    return Played(
        pace=_within(TELLING_PACE * (1 + share * (felt.pace - 1)) * said.pace * touch.pace, LEAST_PACE, MOST_PACE),
        pitch_semitones=_within(pitch, -MOST_PITCH, MOST_PITCH),
        energy_db=share * felt.energy_db + said.energy_db + loud + touch.energy_db,
        breath=said.breath,
        after_s=after_s(line.text) * (1.15 if passage.mood.emotion in {Emotion.FEAR, Emotion.SADNESS} else 1.0),
    )


def closing_s(passage: Passage) -> float:
    """Return the least silence after a passage, in seconds; music may make it longer."""
    ends = TALE_S if passage.closes_tale else SCENE_S if passage.closes_scene else 0.0
    return CLOSING_S + ends + felt_as(passage.mood).pause_s


def after_s(text: str) -> float:
    """Return the silence that a line's last punctuation mark asks for, in seconds."""
    bare = text.rstrip(_CLOSERS)
    if bare.endswith("..."):
        return _AFTER_S["…"]
    return _AFTER_S.get(bare[-1:], _UNMARKED_S)


def felt_as(mood: Mood) -> _Narration:
    """Return how a narrator speaks in this mood: the mean of the feelings' figures, weighted by their shares."""
    sheets = _sheets()
    parts = [(share, sheets[emotion].narration) for emotion, share in mood.weights.items()]
    total = sum(share for share, _ in parts) or 1.0
    return _Narration(
        *(sum(share * getattr(part, name) for share, part in parts) / total for name in _Narration.__dataclass_fields__)
    )


def manner_of(manner: str, text: str = "") -> Manner:
    """Return the manner that the verb of saying asks for, in any language; a line all in capitals is shouted."""
    told = manner.casefold().strip()
    ways = _manners()
    if told:
        for way in ways.values():
            if any(told.startswith(stem) or f" {stem}" in told for stem in way.verbs):
                return way
    letters = [char for char in text if char.isalpha()]
    # Short words in capitals are mostly abbreviations, and a script without capitals has no upper letters at all.
    if len(letters) > 3 and all(char.isupper() for char in letters):
        return ways["shout"]
    return _PLAIN


_PLAIN = Manner(0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True)
class _Sounds:
    """The verbs of saying in a file data/languages/<code>/sounds.toml."""

    manners: dict[str, tuple[str, ...]] = field(default_factory=dict)


@cache
def _sheets() -> dict[Emotion, _Sheet]:
    return read_table(DATA / "moods.toml", dict[Emotion, _Sheet])


@cache
def _manners() -> dict[str, Manner]:
    verbs = by_key({code: one.manners for code, one in by_language("sounds", _Sounds).items()})
    ways = read_table(DATA / "manners.toml", dict[str, Manner])
    return {name: replace(way, verbs=tuple(chain(*verbs.get(name, {}).values()))) for name, way in ways.items()}


def _within(value: float, least: float, most: float) -> float:
    return max(least, min(most, value))
