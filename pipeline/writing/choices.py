"""Starters chosen for one tale."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace

from pipeline.words.mood import Emotion
from pipeline.words.prompt import Lately
from pipeline.writing.seeds import shuffled
from pipeline.writing.shapes import BeatPlan, Shape
from pipeline.writing.starters import Choosing, Starter, skeleton

OPENING_WORDS = 9
WORDS_A_SLOT = 12
ROOMY_WORDS = 16
"""A beat this long has room for what the prompt is owed."""
TIGHT_WORDS, TIGHT_STARTER_WORDS = 18, 7
"""In a beat this short every starter must be."""
PINNED = frozenset({"opening!", "meet/join!", "end!"})
"""Musts that no shortness drops: nobody speaks before they were met."""
FILLERS = ("flow", "talkn", "flow", "talkh")
FILLERS_ALONE = ("flow", "talkn", "flow", "flow")
SCARCE_FILLERS = ("flow", "flow", "flow")


@dataclass(frozen=True)
class _Key:
    """Where in the tale a starter is chosen, and what it must be like."""

    mood: Emotion
    place: str
    tight: bool
    """Whether it must be short."""
    names_hero: bool
    """Whether the scene would else go without the hero's name."""


class Choices:
    """What one tale has chosen so far: no template twice while others fit, every thing of the prompt in its turn."""

    def __init__(self, shape: Shape, choosing: Choosing, lately: Lately) -> None:
        self._shape, self._choosing, self._lately = shape, choosing, lately.openings
        self._used: Counter[str] = Counter()
        self._things = 0
        self._met = False
        """Whether the helper has come."""

    def starters(self, one: BeatPlan, mood: Emotion, scene: int, budget: int) -> list[Starter]:
        """The beat's starters in order, more than `budget` words will need."""
        specs = _affordable(self._owed(one.slots) if budget >= ROOMY_WORDS else list(one.slots), budget)
        last_must = max((at for at, spec in enumerate(specs) if spec.endswith("!")), default=-1)
        found: list[Starter] = []
        for at, spec in enumerate(specs):
            nameless = at == last_must and not any(starter.must and self._names_hero(starter) for starter in found)
            self._met = self._met or spec.startswith("meet/join") or bool(self._choosing.words["O"])
            for count, name in enumerate(_expanded(spec, budget, FILLERS if self._met else FILLERS_ALONE)):
                starter = self._first(name, _Key(mood, f"{scene}:{at}:{count}", budget < TIGHT_WORDS, nameless))
                found += [replace(starter, must=spec.endswith("!"))] if starter else []
        return found if budget < ROOMY_WORDS else self._named(found)

    def _named(self, found: list[Starter]) -> list[Starter]:
        """With one more must where no must names the hero: a scene without them loses the listener."""
        if any(one.must and self._names_hero(one) for one in found):
            return found
        first = next((at for at, one in enumerate(found) if self._names_hero(one)), -1)
        return [replace(one, must=one.must or at == first) for at, one in enumerate(found)]

    def _owed(self, slots: tuple[str, ...]) -> list[str]:
        """What the prompt gave and no wish will bring must come: its things and its place."""
        words = self._choosing.words
        left = [one["t"] for one in self._choosing.things[self._things :]]
        things = [one for one in left if one.split()[-1] not in words["wish"]]
        place = words["at"] and words["at"] not in words["wish"]
        due = {*(slot for slot in slots if slot.startswith("thing") and things), *(["place/air"] if place else [])}
        unmet = things and self._things and not {"opening!"} & set(slots) and "thing" not in " ".join(slots)
        more = ["thing!"] if unmet else []
        filler = next((at for at, slot in enumerate(slots) if slot.endswith("*")), len(slots))
        return [slot + "!" if slot in due else slot for slot in (*slots[:filler], *more, *slots[filler:])]

    def _first(self, names: str, key: _Key) -> Starter | None:
        for name in names.split("/"):
            choosing = self._choosing.about(self._things)
            templates = self._templates(name, choosing, key)
            chosen = choosing.starter(name, templates, key.mood, key.place, self._uses)
            if chosen:
                self._used[chosen[1]] += 1
                self._things += "{t}" in chosen[1] or "{a_t}" in chosen[1]
                return chosen[0]
        return None

    def _templates(self, name: str, choosing: Choosing, key: _Key) -> tuple[str, ...]:
        own = self._shape.starters.get(choosing.tongue.language, {}).get(name, ())
        templates = own or choosing.tongue.slots.get(name, ())
        if name == "opening":
            return _within(templates, OPENING_WORDS, choosing)
        if key.names_hero:
            templates = tuple(one for one in templates if "{N}" in one) or templates
        return (_within(templates, TIGHT_STARTER_WORDS, choosing) or templates) if key.tight else templates

    def _uses(self, template: str) -> int:
        """How often this tale and the server's last ones began so."""
        begun = skeleton(template)
        return self._used[template] + sum(bool(begun.match(one)) or one == template for one in self._lately)

    def _names_hero(self, starter: Starter) -> bool:
        return self._choosing.words["N"] in starter.text


def _affordable(slots: list[str], budget: int) -> list[str]:
    """A beat too short for all its musts keeps the last ones."""
    musts = [at for at, slot in enumerate(slots) if slot.endswith("!")]
    kept = {*musts[-max(1, budget // (WORDS_A_SLOT + 1)) :], *(at for at in musts if slots[at] in PINNED)}
    return [slot.rstrip("!") if at in musts and at not in kept else slot for at, slot in enumerate(slots)]


def _expanded(spec: str, budget: int, talk: tuple[str, ...]) -> list[str]:
    """A repeatable slot as many slots, speech among narration."""
    name = spec.rstrip("!*")
    if not spec.endswith("*"):
        return [name]
    fillers = talk if name == "flow" else (name, *SCARCE_FILLERS)
    return [fillers[at % len(fillers)] for at in range(math.ceil(1.6 * budget / WORDS_A_SLOT) + 1)]


def _within(templates: tuple[str, ...], most: int, choosing: Choosing) -> tuple[str, ...]:
    """Those that leave the model room."""
    fit = [one for one in templates if _length(one, choosing) <= most]
    return tuple(shuffled(fit, choosing.seed, "within"))


def _length(template: str, choosing: Choosing) -> int:
    filled = template
    for field, word in choosing.words.items():
        filled = filled.replace("{" + field + "}", word)
    return len(filled.replace("_?", "").replace("_", "x x x").split())
