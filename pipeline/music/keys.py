"""Which key a scene stands in."""

from __future__ import annotations

import random

from pipeline.words.mood import Mood
from pipeline.words.story import Plan

_AWAY = (5, 7, 9, 2)
"""Semitones from home that an inner scene may lie."""
_SUDDEN = 0.8
"""A step in valence, or half a one in arousal, that no dominant prepares."""


def tonic_of(plan: Plan, scene: int) -> int:
    """Pitch class of a scene: the tale begins and ends at home."""
    if scene <= 0 or scene >= len(plan.beats) - 1:
        return plan.home_key % 12
    return (plan.home_key + random.Random(f"{plan.seed}:key:{scene}").choice(_AWAY)) % 12


def mode_of(plan: Plan, scene: int, modes: tuple[str, ...]) -> str:
    """One of the mood's modes, the scene's own."""
    return random.Random(f"{plan.seed}:mode:{scene}").choice(modes)


def target_of(plan: Plan, scene: int) -> Mood:
    """What a scene should feel like, as far as it is planned."""
    beat = next((beat for beat in plan.beats if beat.scene == scene), None)
    return beat.target if beat else plan.feeling.mood


def is_silent(plan: Plan, scene: int) -> bool:
    """Whether a scene goes without music."""
    return any(beat.silent for beat in plan.beats if beat.scene == scene)


def turns_suddenly(before: Mood, after: Mood) -> bool:
    """Whether the mood breaks rather than changes: joy to fear."""
    fell = before.valence - after.valence
    return fell >= _SUDDEN or (fell > 0 and after.arousal - before.arousal >= _SUDDEN / 2)
