"""Reads a member's curve of pace and loudness."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from itertools import chain

from pipeline.errors import Refused
from pipeline.tables import by_key, by_language

MOST_STEPS = 12


@dataclass(frozen=True)
class Touch:
    """What the curve adds at one place of the tale."""

    pace: float = 1.0
    """Times the pace that mood and text give."""
    pitch_semitones: float = 0.0
    """Added to the pitch."""
    energy_db: float = 0.0
    """Added to the level."""


LEVEL = Touch()

# A word that begins as two of them do, is the first one's: `baixinho` is hushed before it is deep.
_TOUCHES: dict[str, Touch] = {
    "hush": Touch(0.95, -0.2, -1.8),
    "slow": Touch(pace=0.88),
    "fast": Touch(pace=1.14),
    "high": Touch(pitch_semitones=0.8),
    "deep": Touch(pitch_semitones=-0.8),
    "loud": Touch(energy_db=1.5),
    "level": LEVEL,
}
_STEP = re.compile(r"\s*(?:\.{2,}|…|,|;|->|→|\n)\s*")


def curve_of(text: str) -> tuple[Touch, ...]:
    """Steps in order: `slow ... faster! ... hush`; `!` makes a step stronger. Raises Refused `curve_unreadable`."""
    steps = [step for step in _STEP.split(text.strip()) if step.strip(" .!")]
    if len(steps) > MOST_STEPS:
        raise Refused("curve_too_long", steps=len(steps), most=MOST_STEPS)
    return tuple(_step(step) for step in steps)


def touch_at(curve: tuple[Touch, ...], share: float) -> Touch:
    """Return the curve's value at 0..1 of the tale: its steps are equally far apart, with straight lines between."""
    if not curve:
        return LEVEL
    at = max(0.0, min(1.0, share)) * (len(curve) - 1)
    before = min(int(at), len(curve) - 1)
    after = min(before + 1, len(curve) - 1)
    return _between(curve[before], curve[after], at - before)


def _step(step: str) -> Touch:
    strength = 1.0 + 0.5 * min(2, step.count("!"))
    touch = LEVEL
    for word in re.findall(r"\w+", step.casefold()):
        found = next((touch for name, touch in _TOUCHES.items() if word.startswith(_stems()[name])), None)
        if found is None:
            raise Refused("curve_unreadable", word=word)
        touch = _sum(touch, found, strength)
    return touch


@dataclass(frozen=True)
class _Sounds:
    """Of a file data/languages/<code>/sounds.toml."""

    curve: dict[str, tuple[str, ...]] = field(default_factory=dict)


@cache
def _stems() -> dict[str, tuple[str, ...]]:
    """Beginnings of the words of all languages, by touch."""
    words = by_key({code: one.curve for code, one in by_language("sounds", _Sounds).items()})
    return {name: tuple(chain(*words.get(name, {}).values())) for name in _TOUCHES}


def _sum(one: Touch, other: Touch, strength: float) -> Touch:
    return Touch(
        one.pace * (1 + strength * (other.pace - 1)),
        one.pitch_semitones + strength * other.pitch_semitones,
        one.energy_db + strength * other.energy_db,
    )


def _between(one: Touch, other: Touch, share: float) -> Touch:
    return Touch(
        one.pace + share * (other.pace - one.pace),
        one.pitch_semitones + share * (other.pitch_semitones - one.pitch_semitones),
        one.energy_db + share * (other.energy_db - one.energy_db),
    )
