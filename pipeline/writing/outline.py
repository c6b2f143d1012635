"""Beats with their starters."""

from __future__ import annotations

import math
from dataclasses import replace

from pipeline.words.mood import Emotion, Mood
from pipeline.words.prompt import Lately
from pipeline.words.story import Beat
from pipeline.writing.shapes import BeatPlan, Shape
from pipeline.writing.starters import Choosing, Starter, skeleton
from pipeline.writing.tongue import Tongue

OPENING_WORDS = 9
WORDS_A_SLOT = 12
TIGHT_WORDS, TIGHT_STARTER_WORDS = 18, 7
"""In a beat this short every starter must be."""
MOST_SCENE_WORDS = 240
ASKED_SHARE = 0.4
"""Of a beat's mood, where the tale was asked or felt to be in one."""
FILLERS = ("flow", "talkn", "flow", "talkh")
SCARCE_FILLERS = ("flow", "flow", "flow")


def outline(shape: Shape, choosing: Choosing, words: int, mood: Mood, lately: Lately) -> tuple[Beat, ...]:
    """The shape's beats for a tale of this many words, each with more starters than it will need."""
    plans = _stretched([one for one in shape.beats if words >= one.from_words], words)
    total = sum(one.share for one in plans)
    avoid = _Avoid(lately)
    beats = []
    for scene, one in enumerate(plans):
        budget = round(words * one.share / total)
        target = _target(one, mood)
        starters = _starters(one, shape, choosing, target.emotion, scene, budget, avoid)
        beats.append(Beat(scene, one.intent, target, budget, tuple(starter.packed() for starter in starters)))
    return tuple(beats)


class _Avoid:
    """What was said before, in this tale or in the server's last ones."""

    def __init__(self, lately: Lately) -> None:
        self._lately = lately.openings
        self._used: set[str] = set()

    def __call__(self, template: str) -> bool:
        return template in self._used or any(skeleton(template).match(one) or one == template for one in self._lately)

    def use(self, template: str) -> None:
        self._used.add(template)


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


def _starters(
    one: BeatPlan, shape: Shape, choosing: Choosing, mood: Emotion, scene: int, budget: int, avoid: _Avoid
) -> list[Starter]:
    found: list[Starter] = []
    for at, spec in enumerate(_affordable(one.slots, budget)):
        names = _expanded(spec, budget)
        for count, name in enumerate(names):
            starter = _first(name, shape, choosing, mood, f"{scene}:{at}:{count}", avoid, budget < TIGHT_WORDS)
            found += [replace(starter, must=spec.endswith("!"))] if starter else []
    return found


def _affordable(slots: tuple[str, ...], budget: int) -> list[str]:
    """A beat too short for all its musts keeps the last ones."""
    musts = [at for at, slot in enumerate(slots) if slot.endswith("!")]
    kept = musts[-max(1, budget // (WORDS_A_SLOT + 1)) :]
    return [slot.rstrip("!") if at in musts and at not in kept else slot for at, slot in enumerate(slots)]


def _expanded(spec: str, budget: int) -> list[str]:
    """A repeatable slot as many slots, speech among narration."""
    name = spec.rstrip("!*")
    if not spec.endswith("*"):
        return [name]
    fillers = FILLERS if name == "flow" else (name, *SCARCE_FILLERS)
    return [fillers[at % len(fillers)] for at in range(math.ceil(1.6 * budget / WORDS_A_SLOT) + 1)]


def _first(
    names: str, shape: Shape, choosing: Choosing, mood: Emotion, key: str, avoid: _Avoid, tight: bool
) -> Starter | None:
    for name in names.split("/"):
        templates = _templates(name, shape, choosing.tongue)
        if name == "opening":
            templates = _within(templates, OPENING_WORDS, choosing)
        elif tight:
            templates = _within(templates, TIGHT_STARTER_WORDS, choosing) or templates
        chosen = choosing.starter(name, templates, mood, key, avoid)
        if chosen:
            avoid.use(chosen[1])
            return chosen[0]
    return None


def _templates(name: str, shape: Shape, tongue: Tongue) -> tuple[str, ...]:
    own = shape.starters.get(tongue.language, {}).get(name, ())
    return own or tongue.slots.get(name, ())


def _within(templates: tuple[str, ...], most: int, choosing: Choosing) -> tuple[str, ...]:
    """Those that leave the model room."""
    return tuple(one for one in templates if _length(one, choosing) <= most)


def _length(template: str, choosing: Choosing) -> int:
    filled = template
    for field, word in choosing.words.items():
        filled = filled.replace("{" + field + "}", word)
    return len(filled.replace("_?", "").replace("_", "x x x").split())
