"""A frame, a wish and a seed into the turns of one tale."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.words.mood import Emotion
from pipeline.writing.fill import NotThere, Scope, filled
from pipeline.writing.frames import ANY, DEED, KIND, OPTIONAL, Frame, Part, Scene, Words
from pipeline.writing.lexicon import Being
from pipeline.writing.seeds import shuffled
from pipeline.writing.tongue import count_words, words_in

BRIEF_WORDS = 150
"""A shorter tale takes the frame's brief order."""
DRAWS = 24
"""Wordings from which the one of the best length is taken."""
_BLANK_OR_SPEAKER = re.compile("\u2983([^\u00a6\u2984]*)[^\u2984]*\u2984|@(?:[A-Z]|\\{[^{}]*\\})(?:\\([^)]*\\))?\\s*")


@dataclass(frozen=True)
class Woven:
    """One scene of a tale, its turns in words but for blanks and the marks of who speaks."""

    name: str
    mood: Emotion
    turns: tuple[str, ...]


@dataclass(frozen=True)
class Weaving:
    """A whole tale, and how it came to be chosen."""

    scenes: tuple[Woven, ...]
    title: str
    prelude: str
    choices: tuple[str, ...]
    """What was taken, by names under which a server remembers it: `afraid/set2`, `afraid/alt0`..."""
    fit: str
    """How near the set lies to the wish: `word`, `kind` or `any`."""
    scope: Scope

    @property
    def words(self) -> int:
        """Of the whole, its first sentence included."""
        turns = [turn for scene in self.scenes for turn in scene.turns]
        return sum(map(spoken_words, (self.prelude, *turns)))


def woven(
    frame: Frame, scope: Scope, words: int, deed: str = "", lately: Collection[str] = (), prelude: str = ""
) -> Weaving:
    """The tale of about this many words; what a server heard lately is left alone while anything else fits."""
    opening = prelude or _first_unheard(frame.preludes, scope.seed, f"{frame.id}/prelude", lately)
    room = words - count_words(opening)
    draws = [_draft(frame, scope, room, deed, lately, draw) for draw in range(DRAWS)]
    best = min(draws, key=lambda one: (_misses(one, room), one.drawn))
    title = next(_filled_all(shuffled(frame.titles, scope.seed, "title"), best.scope), frame.id)
    heard = [f"{frame.id}/prelude{at}" for at, one in enumerate(frame.preludes) if one == opening]
    chosen = (*best.choices, *heard)
    return Weaving(best.scenes, title[:1].upper() + title[1:], opening, chosen, best.fit, best.scope)


def spoken_words(text: str) -> int:
    """Words of a turn as they will be counted once its marks are gone."""
    return count_words(_BLANK_OR_SPEAKER.sub(lambda match: match[1] or "", text))


@dataclass(frozen=True)
class _Draft:
    scenes: tuple[Woven, ...]
    choices: tuple[str, ...]
    fit: str
    scope: Scope
    drawn: int

    @property
    def words(self) -> int:
        return sum(spoken_words(turn) for scene in self.scenes for turn in scene.turns)


def _misses(draft: _Draft, words: int) -> int:
    return abs(draft.words - words)


def _draft(frame: Frame, scope: Scope, words: int, deed: str, lately: Collection[str], draw: int) -> _Draft:
    """One wording: everything but the set, the alternative and the order changes from draw to draw."""
    scope = replace(scope, blanks=frame.blanks)
    order_at = _unheard(range(len(frame.orders)), scope.seed, f"{frame.id}/order", lately)
    order = frame.brief if words < BRIEF_WORDS else frame.orders[order_at]
    for set_at, fit in _sets(frame, scope, deed, lately):
        alt_at = _unheard(range(len(frame.alternatives)), scope.seed, f"{frame.id}/alt", lately)
        set_, alternative = frame.sets[set_at], frame.alternatives[alt_at]
        try:
            scenes, known = _told(order, frame, (alternative, set_), scope, draw)
        except NotThere:
            continue
        choices = (f"{frame.id}/set{set_at}", f"{frame.id}/alt{alt_at}", f"{frame.id}/order{order_at}")
        return _fitted(_Draft(scenes, choices, fit, known, draw), words)
    raise NotThere(f"{frame.id}: no set can be told of this wish")


def _told(
    order: Sequence[Scene], frame: Frame, parts: tuple[Part, Part], scope: Scope, draw: int
) -> tuple[tuple[Woven, ...], Scope]:
    words: dict[str, Words] = {**frame.turns, **parts[0].words, **parts[1].words}
    known = replace(scope, values=words).with_figures({**frame.figures, **parts[0].figures, **parts[1].figures})
    scenes = tuple(
        Woven(scene.name, scene.mood, tuple(_turn(turn, words, known, draw) for turn in scene.turns)) for scene in order
    )
    return scenes, known


def _turn(name: str, words: dict[str, Words], scope: Scope, draw: int) -> str:
    """One variant of a turn, its mark of being optional kept in front."""
    bare = name.rstrip(OPTIONAL)
    variants = words[bare]
    options = [variants] if isinstance(variants, str) else shuffled(variants, scope.seed + draw, f"turn:{bare}")
    text = next(_filled_all(options, scope), None)
    if text is None:
        if name.endswith(OPTIONAL):
            return ""
        raise NotThere(f"{bare}: none of its variants can be told")
    return (OPTIONAL if name.endswith(OPTIONAL) else "") + text


def _filled_all(templates: Sequence[str], scope: Scope) -> Iterator[str]:
    for template in templates:
        try:
            yield filled(template, scope)
        except NotThere:
            continue


def _fitted(draft: _Draft, words: int) -> _Draft:
    """Without as many optional turns as the length asks for, the last ones first."""
    turns = [[*scene.turns] for scene in draft.scenes]
    loose = [(s, t) for s, scene in enumerate(turns) for t, turn in enumerate(scene) if turn.startswith(OPTIONAL)]
    total = sum(spoken_words(turn) for scene in turns for turn in scene)
    for s, t in reversed(loose):
        mine = spoken_words(turns[s][t])
        if abs(total - mine - words) < abs(total - words):
            turns[s][t], total = "", total - mine
    scenes = tuple(
        replace(scene, turns=tuple(turn.lstrip(OPTIONAL) for turn in mine if turn.strip(OPTIONAL)))
        for scene, mine in zip(draft.scenes, turns, strict=True)
    )
    return replace(draft, scenes=tuple(scene for scene in scenes if scene.turns))


def _sets(frame: Frame, scope: Scope, deed: str, lately: Collection[str]) -> Iterator[tuple[int, str]]:
    """Sets from the nearest to the farthest; among equals those not heard lately, in the seed's order."""
    thing = scope.beings.get("T")
    ranked: dict[str, list[int]] = {"word": [], "kind": [], ANY: []}
    for at, one in enumerate(frame.sets):
        fit = _fit(one, thing, deed)
        if fit:
            ranked[fit].append(at)
    for fit, found in ranked.items():
        order = shuffled(found, scope.seed, f"{frame.id}/set")
        yield from ((at, fit) for at in sorted(order, key=lambda at: f"{frame.id}/set{at}" in lately))


def _fit(part: Part, thing: Being | None, deed: str) -> str:
    bare = set(words_in(thing.bare)) if thing else set()
    names = {name.lower() for name in thing.noun.names} if thing and thing.noun else set()
    done = set(words_in(deed))
    for wanted in part.fits:
        if wanted.startswith(DEED) and any(_is(word, wanted.removeprefix(DEED)) for word in done):
            return "word"
        if ":" not in wanted and wanted != ANY and any(_is(word, wanted) for word in bare | names):
            return "word"
        if " " in wanted and thing and wanted in thing.bare.lower():
            return "word"
    if thing and f"{KIND}{thing.kind}" in part.fits:
        return "kind"
    return ANY if ANY in part.fits else ""


def _is(word: str, wanted: str) -> bool:
    wanted = wanted.lower()
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


def _first_unheard(options: Sequence[str], seed: int, key: str, lately: Collection[str]) -> str:
    return options[_unheard(range(len(options)), seed, key, lately)]


def _unheard(options: Sequence[int], seed: int, key: str, lately: Collection[str]) -> int:
    order = shuffled(options, seed, key)
    return min(order, key=lambda at: (f"{key}{at}" in lately, order.index(at)))
