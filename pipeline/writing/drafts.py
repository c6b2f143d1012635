"""One sentence, drafted until it passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.roles import Ask, Kind
from pipeline.writing.guards import HARD, Guard, cut_back, ended, repaired, repetition
from pipeline.writing.seeds import number
from pipeline.writing.starters import Starter
from pipeline.writing.tongue import words_in

TRIES = 4
"""Per wanted candidate."""
TOKENS_A_WORD = 3
GRACE_WORDS = 2
"""A sentence that ends by itself may run this far over its room."""
MORE_WORDS, WARMER = 3, 0.12
"""Each further try may run longer, so that it finds its end, and dare more, so that it differs."""
END_WORDS = 6
"""Room for the end of a sentence that only lacks one: dearer words would be written anew with every other try."""
CALM_SCENES, CALM, FREE = 2, 0.5, 0.8
"""The first scenes keep to the prompt; later ones may dare."""
DARING = 0.3
"""How far the wished daring moves the temperature."""

UNTOLD = frozenset({"repeats", "rating", "leak"})
"""Faults for which another starter is tried instead."""


@dataclass(frozen=True)
class Model:
    """What drafts are asked of."""

    complete: Callable[[Ask, str], str]
    """Given the ask, and those words of the sentence that stand already."""
    sureness: Callable[[str], float]
    """Mean log-probability of the sentence's own words; 0 where nobody can tell."""


@dataclass(frozen=True)
class Room:
    """How much the model may add, and where in the tale."""

    scene: int
    most: int
    least: int
    daring: float
    """Of the tale, -1..1."""
    key: str
    """What tells this place from every other one of the tale."""


@dataclass(frozen=True)
class Draft:
    """What the model wrote for one starter."""

    own: str
    faults: frozenset[str]
    tries: int
    begun: str = ""
    """Words to go on from, where all it lacks is an end."""


def drafted(starter: Starter, room: Room, seed: int, candidates: int, guard: Guard, model: Model) -> Draft:
    """The best of `candidates` that pass; after four tries for each the least faulty, never a forbidden one."""
    if starter.optional and room.most < 3:
        return Draft("", frozenset(), 0)
    drafts: list[Draft] = []
    while len(drafts) < TRIES * candidates and sum(not one.faults for one in drafts) < candidates:
        begun = drafts[-1].begun if drafts else ""
        ask = _ask(starter, room, len(drafts), seed)
        own = f"{begun} {model.complete(_to_end(ask) if begun else ask, begun).strip()}".strip()
        drafts.append(_draft(own, starter, guard, len(drafts) + 1, goes_on=bool(begun)))
    allowed = [one for one in drafts if not one.faults & HARD] or [Draft("", HARD, len(drafts))]
    best = allowed[0] if len(allowed) == 1 else max(allowed, key=lambda one: _worth(one, guard, model))
    if best.faults and starter.optional:
        return Draft("", frozenset(), len(drafts))
    return Draft(ended(best.own, guard.tongue), best.faults, len(drafts))


def _draft(own: str, starter: Starter, guard: Guard, tries: int, *, goes_on: bool) -> Draft:
    clipped = not own.endswith((".", "!", "?"))
    whole_words = own.rpartition(" ")[0]  # the last one may be half a word
    if clipped and (shorter := cut_back(own, guard.tongue)):
        own, clipped = shorter, False
    own = repaired(own, guard.tongue)
    faults = guard.faults(starter, own, clipped)
    may_go_on = faults == {"cut_off"} and not goes_on  # once is enough
    return Draft(own, faults, tries, whole_words if may_go_on else "")


def _to_end(ask: Ask) -> Ask:
    return replace(ask, max_tokens=TOKENS_A_WORD * END_WORDS + 10, least_chars=0, most_words=END_WORDS)


def _ask(starter: Starter, room: Room, tried: int, seed: int) -> Ask:
    most = room.most + GRACE_WORDS + tried * MORE_WORDS
    calm = CALM if room.scene < CALM_SCENES else FREE
    return Ask(
        Kind.SPEECH if starter.spoken else Kind.NARRATION,
        number(seed, f"{room.key}:{tried}") % 2**31,
        max_tokens=TOKENS_A_WORD * most + 10,
        temperature=calm + DARING * room.daring + WARMER * tried,
        least_chars=6 * room.least,
        most_words=most,
    )


def _worth(one: Draft, guard: Guard, model: Model) -> float:
    """In nats a word: fewest faults first; then the prompt's own words, and new ones rather than told ones.

    The model's own sureness is added.
    """
    mine = set(words_in(one.own))
    faithful = sum(len(word) > 3 for word in mine & set(words_in(guard.prompt)))
    fresh = len(mine - set(words_in(guard.told))) / max(1, len(mine))
    likeness = 5 * repetition(one.own, guard.told)
    return -10 * len(one.faults) + min(2, faithful) + fresh - likeness + model.sureness(one.own)
