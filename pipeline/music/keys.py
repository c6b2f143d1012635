"""Which key a scene stands in."""

from __future__ import annotations

import random

from pipeline.words.mood import Mood
from pipeline.words.story import Plan

_AWAY = (5, 7, 9, 2)
"""Semitones from home that an inner scene may lie."""
_ONE_IN = 5
"""So many scenes have one among them that is left to the place alone: silence is the loudest cue."""
_SCENES_TO_TURN = 4
"""A shorter tale has no room for a silence."""
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
    """Whether a scene goes without music: where the plan says so, else the calmest inner one in five."""
    marked = {beat.scene for beat in plan.beats if beat.silent}
    return scene in (marked or _calmest(plan))


def _calmest(plan: Plan) -> set[int]:
    inner = sorted(plan.beats[1:-1], key=lambda beat: (beat.target.arousal, beat.scene))
    return {beat.scene for beat in inner[: len(plan.beats) // _ONE_IN]}


def is_turn(plan: Plan, scene: int) -> bool:
    """Whether the tale turns at this scene's end: the most stirred of the inner ones, the later of two alike."""
    inner = [beat for beat in plan.beats[1:-1] if not is_silent(plan, beat.scene)]
    if len(plan.beats) < _SCENES_TO_TURN or not inner:
        return False
    return scene == max(inner, key=lambda beat: (beat.target.arousal, beat.scene)).scene


def turns_suddenly(before: Mood, after: Mood) -> bool:
    """Whether the mood breaks rather than changes: joy to fear."""
    fell = before.valence - after.valence
    return fell >= _SUDDEN or (fell > 0 and after.arousal - before.arousal >= _SUDDEN / 2)
