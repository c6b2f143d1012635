"""Beats with their starters."""

from __future__ import annotations

import math
from dataclasses import replace

from pipeline.words.mood import Emotion, Mood
from pipeline.words.prompt import Lately
from pipeline.words.story import Beat
from pipeline.writing.choices import Choices
from pipeline.writing.shapes import BeatPlan, Shape
from pipeline.writing.starters import Choosing

MOST_SCENE_WORDS = 240
ASKED_SHARE = 0.4
"""Of a beat's mood, where the tale was asked or felt to be in one."""


def outline(shape: Shape, choosing: Choosing, words: int, mood: Mood, lately: Lately) -> tuple[Beat, ...]:
    """The shape's beats for a tale of this many words, each with more starters than it will need."""
    plans = _stretched([one for one in shape.beats if words >= one.from_words], words)
    total = sum(one.share for one in plans)
    choices = Choices(shape, choosing, lately)
    beats = []
    for scene, one in enumerate(plans):
        budget = round(words * one.share / total)
        target = _target(one, mood)
        starters = choices.starters(one, target.emotion, scene, budget)
        beats.append(Beat(scene, one.intent, target, budget, tuple(starter.packed() for starter in starters)))
    return tuple(beats)


def _stretched(plans: list[BeatPlan], words: int) -> list[BeatPlan]:
    """Long tales go through their middle again, so that no scene outgrows its mood."""
    wanted = math.ceil(words / MOST_SCENE_WORDS)
    again = [one for one in plans if one.again]
    if wanted <= len(plans) or not again:
        return plans
    last = max(at for at, one in enumerate(plans) if one.again) + 1
    cycle = [replace(one, slots=_met_before(one.slots)) for one in again]
    more = [cycle[at % len(cycle)] for at in range(wanted - len(plans))]
    return [*plans[:last], *more, *plans[last:]]


def _met_before(slots: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(slot.replace("meet/join", "join") for slot in slots)


def _target(one: BeatPlan, mood: Mood) -> Mood:
    asked = 0.0 if mood.emotion is Emotion.NEUTRAL else ASKED_SHARE * mood.certainty
    total = sum(one.mood.values())
    weights = {emotion: (1 - asked) * share / total for emotion, share in one.mood.items()}
    for emotion, share in mood.weights.items():
        weights[emotion] = weights.get(emotion, 0.0) + asked * share
    return Mood.of(weights)
