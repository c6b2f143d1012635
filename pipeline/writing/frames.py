"""Written tales with open slots."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from pipeline.errors import Refused
from pipeline.places import DATA
from pipeline.tables import language_file, read_table
from pipeline.words.mood import Emotion
from pipeline.writing.tongue import words_in, words_of

TALES = DATA / "tales"
SCENE, OPTIONAL, ANY, KIND, DEED = "=", "?", "any", "kind:", "deed:"
OPENS = "..."
"""Before a scene of an order: here a longer tale may put other episodes."""
ABOUT_HERO, ABOUT_ANOTHER = "hero", "another"
"""Of whom a frame may be an episode inside a longer tale."""
TRAIT, OTHER_IS, PLACE_IS = "trait:", "other:", "place:"
Words = str | tuple[str, ...]
_ROLE_SLOT = re.compile(r"\{(?:a |the |the whole |[Pp](?=lace))?(O|L|T|lace)\b")


@dataclass(frozen=True)
class About:
    """data/tales/<frame>.toml: what a frame is for, in any language."""

    needs: tuple[str, ...] = ()
    """What the wish must name: `thing`, `other`, `place`, `trait`, `deed`, `two`."""
    plural: bool = True
    """Whether its words agree with several heroes."""
    moods: tuple[Emotion, ...] = ()
    never: tuple[Emotion, ...] = ()
    tones: tuple[Emotion, ...] = ()
    """Feelings of a voice that choose it."""
    styles: tuple[str, ...] = ()
    ending: Emotion = Emotion.JOY
    without: tuple[str, ...] = ()
    """What the wish must not name: `deed`, `thing`. A frame that brings its own matter leaves theirs untold."""
    any_costs: float = 0.4
    """What it weighs against the frame that no set of it is about the wish: the tale would hardly be."""
    carries: float = 0.0
    """How near it counts at least, for a frame that many deeds can be told by, where a set of it is about this one.

    Read blind, such tales had 3.0 for sense with a set about the deed and 2.0 without, worse than any special frame.
    """
    least_near: float = 0.0
    """How like its example wishes a wish must be."""
    most_words: int = 0
    """Of a frame for tales so short that no other fits them; 0 for all others."""
    inside: str = ""
    """Of whom it may be an episode inside a longer tale: `hero`, anybody's; `another`, not the tale's own hero's, for
    whom it changes too much; empty for nobody's.
    """
    only_verbs: bool = False
    """Whether a wish that names a deed must name one of its verbs: who lives in a fridge, not who labels it."""
    living: bool = False
    """Whether its hero must live: a thing that the wish puts first is then its {T}."""
    matter: str = "thing"
    """What its {T} is: `thing`, `other` (somebody rather than something), `hero`, or `comer`.

    `comer` is the hero where the deed is one of its verbs (a whale arrives), else the thing (a letter is received).
    """


@dataclass(frozen=True)
class FrameFigure:
    """Somebody whom a frame brings along."""

    name: str
    gender: str = ""
    kind: str = ""
    one: str = ""
    """New to the listener, where a turn asks for it."""


@dataclass(frozen=True)
class FrameScene:
    """A stretch of an order under one mood."""

    name: str
    mood: Emotion
    turns: tuple[str, ...]
    """Names of turns; one that ends in `?` may be left out."""
    opens: bool = False
    """Whether a longer tale may put episodes before it."""


@dataclass(frozen=True)
class Refrain:
    """A sentence of the frame's own, told three times in a longer tale."""

    first: str
    """Where the frame is opened: how things stand."""
    middle: tuple[str, ...]
    """After episodes: how they still stand."""
    last: str
    """After the end: the same words, and another meaning."""


@dataclass(frozen=True)
class FramePart:
    """An alternative or a set: words that belong together."""

    words: dict[str, Words]
    """By turn or by value."""
    figures: dict[str, FrameFigure]
    fits: tuple[str, ...] = ()
    """Of a set: words of the thing, `kind:...`, both also after `other:` and `place:`; `deed:`, `trait:`, or `any`."""


@dataclass(frozen=True, repr=False)
class TaleFrame:
    """One frame in one language."""

    id: str
    language: str
    about: About
    wishes: tuple[str, ...]
    titles: tuple[str, ...]
    preludes: tuple[str, ...]
    orders: tuple[tuple[FrameScene, ...], ...]
    brief: tuple[FrameScene, ...]
    turns: dict[str, Words]
    figures: dict[str, FrameFigure]
    """Those who come in every tale of it."""
    alternatives: tuple[FramePart, ...]
    sets: tuple[FramePart, ...]
    blanks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    verbs: frozenset[str] = frozenset()
    """Infinitives of the deeds it is about."""
    refuses: frozenset[str] = frozenset()
    """Words of a deed that it contradicts, unless they are negated: who cannot sleep has not `fell asleep`."""
    tags: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Words of the deed by which a turn is told in another way: `died = ["died", "dead"]`."""
    tells: frozenset[str] = frozenset()
    """What of a wish its words have slots for: `other`, `place`, `thing`."""
    refrain: Refrain | None = None
    """Of a frame that a longer tale may open."""

    def __repr__(self) -> str:
        return f"{self.id}/{self.language}"

    @property
    def opens(self) -> bool:
        """Whether a longer tale may put episodes into it."""
        return self.refrain is not None

    def is_against(self, verb: str, deed: str, *, negated: bool) -> bool:
        """Whether a deed is none of those it is only about, or one that it contradicts."""
        other = self.about.only_verbs and bool(verb) and verb not in self.verbs
        return other or (not negated and bool(self.refuses & {*words_in(deed)}))

    def tag_of(self, deed: str) -> str:
        """The name of what the deed is by the frame's own words for it; empty where it is none of these."""
        done = {*words_in(deed)}
        return next((tag for tag, words in self.tags.items() if done & {*words}), "")

    def gaps(self) -> Iterator[str]:
        """What an order asks for and some set and alternative together do not say, as `turn (alternative, set)`."""
        asked = {
            turn.rstrip(OPTIONAL) for order in (*self.orders, self.brief) for scene in order for turn in scene.turns
        }
        for (a, alternative), (s, set_) in product(enumerate(self.alternatives), enumerate(self.sets)):
            known = {**self.turns, **alternative.words, **set_.words}
            yield from (f"{turn} (alternative {a + 1}, set {s + 1})" for turn in sorted(asked - known.keys()))


@dataclass(frozen=True)
class _File:
    """data/languages/<code>/tales/<frame>.toml as it is written."""

    wishes: tuple[str, ...]
    titles: tuple[str, ...]
    preludes: tuple[str, ...]
    orders: tuple[tuple[str, ...], ...]
    brief: tuple[str, ...]
    turns: dict[str, Any] = field(default_factory=dict)
    alt: tuple[dict[str, Any], ...] = ()
    set: tuple[dict[str, Any], ...] = ()
    blanks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    verbs: str = ""
    refuses: str = ""
    tags: dict[str, tuple[str, ...]] = field(default_factory=dict)
    refrain: Refrain | None = None


@cache
def frames_in(language: str) -> dict[str, TaleFrame]:
    """All frames of a language by id; refused with file and key where one lacks something."""
    files = sorted(language_file(language, "tales/*").parent.glob("*.toml"))
    return {file.stem: read_frame(file) for file in files}


def read_frame(file: Path) -> TaleFrame:
    """Read one language's file of a frame, with what the frame is for."""
    raw = read_table(file, _File)
    common = _part(raw.turns, file)
    frame = TaleFrame(
        file.stem,
        file.parent.parent.name,
        read_table(TALES / file.name, About),
        raw.wishes,
        raw.titles,
        raw.preludes,
        tuple(_scenes(order, file) for order in raw.orders),
        _scenes(raw.brief, file),
        common.words,
        common.figures,
        tuple(_part(one, file) for one in raw.alt) or (FramePart({}, {}),),
        tuple(_part(one, file) for one in raw.set),
        raw.blanks,
        words_of(raw.verbs),
        words_of(raw.refuses),
        raw.tags,
        refrain=raw.refrain,
    )
    frame = replace(frame, tells=_told_roles(frame))
    gap = next(frame.gaps(), "")
    if gap:
        raise Refused("table_invalid", file=str(file), key=gap, why="an order names this turn, and nobody says it")
    if not any(ANY in one.fits for one in frame.sets):
        raise Refused("table_invalid", file=str(file), key="set", why='no set is for ["any"]')
    opened = any(scene.opens for order in frame.orders for scene in order)
    if opened != bool(frame.refrain):
        why = "a frame that may be opened needs a refrain, and a refrain an order with a mark"
        raise Refused("table_invalid", file=str(file), key="refrain", why=why)
    return frame


def _told_roles(frame: TaleFrame) -> frozenset[str]:
    """Of a frame whose {T} is the hero or the other one, nothing speaks of the thing; a whole deed names them all."""
    parts = [FramePart(frame.turns, frame.figures), *frame.alternatives, *frame.sets]
    matter = {"thing": "thing", "other": "other"}.get(frame.about.matter, "")
    roles = {"O": "other", "L": "place", "lace": "place", "T": matter}
    own = {*frame.figures, *(key for one in frame.alternatives for key in one.figures)}
    slots = {slot for part in parts for words in part.words.values() for slot in _ROLE_SLOT.findall(str(words))} - own
    whole = {"other", "place", "thing"} if "deed" in frame.about.needs and frame.about.carries else set()
    return frozenset(roles[slot] for slot in slots if roles[slot]) | whole


def _scenes(order: tuple[str, ...], file: Path) -> tuple[FrameScene, ...]:
    found: list[tuple[str, list[str]]] = []
    opened = [at for at, word in enumerate(order) if word == OPENS]
    if len(opened) > 1 or any(not 0 < at < len(order) - 1 or order[at + 1][0] != SCENE for at in opened):
        raise Refused("table_invalid", file=str(file), key="orders", why=f"{OPENS} stands once, and before a =scene")
    before = sum(word.startswith(SCENE) for word in order[: opened[0]]) if opened else -1
    for word in (word for word in order if word != OPENS):
        if word.startswith(SCENE):
            found.append((word[1:], []))
        elif found:
            found[-1][1].append(word)
        else:
            raise Refused("table_invalid", file=str(file), key="orders", why=f"{word} stands before the first =scene")
    return tuple(_scene(head, tuple(turns), at == before, file) for at, (head, turns) in enumerate(found) if turns)


def _scene(head: str, turns: tuple[str, ...], opens: bool, file: Path) -> FrameScene:
    name, _, mood = head.partition(" ")
    try:
        return FrameScene(name, Emotion(mood), turns, opens)
    except ValueError:
        raise Refused("table_invalid", file=str(file), key=f"={head}", why="this is no mood") from None


def _part(raw: dict[str, Any], file: Path) -> FramePart:
    figures = {key: FrameFigure(**value) for key, value in raw.items() if isinstance(value, dict)}
    fits = tuple(raw.get("for", ()))
    words: dict[str, Words] = {}
    for key, value in raw.items():
        if key == "for" or key in figures:
            continue
        if not isinstance(value, str | list) or not value:
            raise Refused("table_invalid", file=str(file), key=key, why="words are a text or a list of texts")
        words[key] = tuple(value) if isinstance(value, list) else value
    return FramePart(words, figures, fits)
