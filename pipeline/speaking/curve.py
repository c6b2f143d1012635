"""A prosody curve in one line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.errors import Refused

MOST_STEPS = 12


@dataclass(frozen=True)
class Touch:
    """What the curve adds at one place of the tale."""

    pace: float = 1.0
    pitch_semitones: float = 0.0
    energy_db: float = 0.0


LEVEL = Touch()

# Beginnings of the words a member may use, in the languages of the house.
_WORDS: dict[tuple[str, ...], Touch] = {
    ("hush", "soft", "quiet", "baixinho", "suave", "doux", "piano", "sottovoce", "leise"): Touch(0.95, -0.2, -1.8),
    ("slow", "calm", "devagar", "lent", "calmo", "despacio", "langsam", "ruhig"): Touch(pace=0.88),
    ("fast", "quick", "rápid", "rapid", "depress", "vite", "veloce", "schnell"): Touch(pace=1.14),
    ("high", "bright", "alto", "agud", "haut", "aigu", "acut", "hoch", "hell"): Touch(pitch_semitones=0.8),
    ("deep", "dark", "low", "grave", "baix", "bajo", "bass", "tief", "dunkel"): Touch(pitch_semitones=-0.8),
    ("loud", "strong", "forte", "fuerte", "fort", "laut"): Touch(energy_db=1.5),
    ("normal", "plain", "level"): LEVEL,
}
_STEP = re.compile(r"\s*(?:\.{2,}|…|,|;|->|→|\n)\s*")


def curve_of(text: str) -> tuple[Touch, ...]:
    """Steps in order: `slow ... faster! ... hush`; `!` makes a step stronger. Raises Refused `curve_unreadable`."""
    steps = [step for step in _STEP.split(text.strip()) if step.strip(" .!")]
    if len(steps) > MOST_STEPS:
        raise Refused("curve_too_long", steps=len(steps), most=MOST_STEPS)
    return tuple(_step(step) for step in steps)


def touch_at(curve: tuple[Touch, ...], share: float) -> Touch:
    """The curve at 0..1 of the tale: its steps stand at equal distances, with straight lines between them."""
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
        found = next((one for stems, one in _WORDS.items() if any(word.startswith(stem) for stem in stems)), None)
        if found is None:
            raise Refused("curve_unreadable", word=word)
        touch = _sum(touch, found, strength)
    return touch


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
