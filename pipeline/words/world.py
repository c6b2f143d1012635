"""What tales leave in a server's world."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

MOST_ROWS = 10
"""Most traces that go with one wish."""
MOST_SENTENCE_CHARS = 240
MOST_NAME_CHARS = 60
BOUND = ("name", "kind", "gender", "figure", "seed", "voice", "who")
"""What later tales do not change of somebody: only a member's correction does."""


class KnownKind(StrEnum):
    """What a trace is of."""

    PERSON = "person"
    PLACE = "place"
    THING = "thing"
    BOND = "bond"
    """Two who met."""
    THREAD = "thread"
    """Where a tale stopped, and could go on."""


@dataclass(frozen=True)
class Wording:
    """What is said of a trace in one language."""

    who: str = ""
    """What they are: `a retired pirate`."""
    voice: str = ""
    """The voice with which they spoke."""
    place: str = ""
    thing: str = ""
    closing: str = ""
    """The last picture of their last tale."""
    sentence: str = ""
    """The sentence of a tale that proves it."""


@dataclass(frozen=True)
class Known:
    """Somebody or something that tales told of; what one tale tells, or all of them together."""

    name: str
    kind: KnownKind = KnownKind.PERSON
    id: str = ""
    """Of the entry in its world; empty in a single tale."""
    gender: str = ""
    """`f`, `m` or empty where it is open: their pronoun."""
    figure: str = ""
    """What they are for the cast: `person`, `small_animal`..."""
    seed: str = ""
    """What their melody and their look are drawn from."""
    frame: str = ""
    """The frame of their last tale."""
    met: tuple[str, ...] = ()
    """Names of whom they met, the last first; of a bond its two, of a thread its hero."""
    wordings: Mapping[str, Wording] = field(default_factory=dict)
    """By language."""

    def said_in(self, language: str) -> Wording:
        """Return what is said of it in a language; nothing where no tale of that language told of it."""
        return self.wordings.get(language, Wording())

    @property
    def sentence(self) -> str:
        """The proof of it, in whatever language."""
        return next((one.sentence for one in reversed([*self.wordings.values()]) if one.sentence), "")

    def and_then(self, later: Known, kept: Collection[str] = ()) -> Known:
        """Return it with what was told later: the later word counts, of `kept` the first; an empty one says nothing."""
        met = tuple(dict.fromkeys((*later.met, *self.met)))[:MOST_ROWS]
        wordings = {**self.wordings}
        for language, wording in later.wordings.items():
            known = wordings.pop(language, Wording())
            wordings[language] = replace(known, **_given(known, wording, kept))
        given = _given(self, later, {*kept, "id"}) | {"met": met, "wordings": wordings}
        return replace(self, **given)


class Meets(StrEnum):
    """How often somebody known comes by where a wish names nobody of them."""

    NEVER = "never"
    SOMETIMES = "sometimes"
    OFTEN = "often"


@dataclass(frozen=True)
class WorldPlace:
    """A world beside the server's own, and where it plays."""

    name: str
    channels: tuple[str, ...] = ()


def _given(known: object, later: object, kept: Collection[str]) -> dict[str, Any]:
    """Return what is said later, and may be: not where something of `kept` was said already."""
    said = {name: value for name, value in vars(later).items() if value}
    return {name: value for name, value in said.items() if name not in kept or not getattr(known, name)}
