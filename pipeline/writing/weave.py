"""Weaves a frame into a tale."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from pipeline.words.mood import Emotion
from pipeline.writing.fill import NotThere, Scope, filled
from pipeline.writing.fitting import FITS, fit_of, sought
from pipeline.writing.frames import OPTIONAL, FramePart, FrameScene, TaleFrame, Words
from pipeline.writing.lexicon import Being, head_words
from pipeline.writing.seeds import number, shuffled
from pipeline.writing.tongue import count_words, words_in

BRIEF_WORDS, WHOLE_WORDS = 140, 200
"""Words below which a tale takes the frame's brief order, and below which whichever comes nearer."""
BRIEF = -1
"""Number of the brief order."""
DRAWS = 24
"""Wordings from which the one of the best length is taken."""
SETS_TRIED = 3
"""Sets that fit a wish equally and are tried for the length."""
NEAR = 0.13
"""Share of the asked length by which a tale may miss it before other orders and alternatives are tried."""
_OF_THE_WISH = re.compile(r"\{(?:[Aa] |[Tt]he |[Tt]he whole )?(O|L|T(?=\.)|[Pp]lace|[Tt]rait|T|deed)\b")
"""Slots that only some wishes fill."""
_WHO_IT_IS = re.compile(r"\{(?:[Ii]ntro|N_who|[Ww]ho|[Hh]ome)\}")
_BLANK_OR_SPEAKER = re.compile("\u2983([^\u00a6\u2984]*)[^\u2984]*\u2984|@(?:[A-Z]|\\{[^{}]*\\})(?:\\([^)]*\\))?\\s*")


@dataclass(frozen=True)
class Woven:
    """A scene whose turns are words, but for blanks and the marks of who speaks."""

    name: str
    mood: Emotion
    turns: tuple[str, ...]
    names: tuple[str, ...] = ()
    """Of the turns, as the frame calls them."""
    opens: bool = False
    """Whether episodes may come before it."""


@dataclass(frozen=True)
class Weaving:
    """A whole tale, and how it came to be chosen."""

    scenes: tuple[Woven, ...]
    title: str
    prelude: str
    choices: tuple[str, ...]
    """Parts that were taken, by the names under which a server remembers them: `afraid/set2`, `afraid/alt0`..."""
    fit: str
    """How near the set is to the wish: `word`, `kind` or `any`."""
    scope: Scope

    @property
    def words(self) -> int:
        """Words of the whole, its first sentence included."""
        turns = [turn for scene in self.scenes for turn in scene.turns]
        return sum(map(spoken_words, (self.prelude, *turns)))

    @property
    def opened_at(self) -> int:
        """The scene before which other episodes may come; 0 where there is none."""
        return next((at for at, scene in enumerate(self.scenes) if scene.opens), 0)


def woven(
    frame: TaleFrame, scope: Scope, words: int, deed: str = "", lately: Collection[str] = (), prelude: str = ""
) -> Weaving:
    """Return a tale of about this many words; parts that a server heard lately are avoided where others fit."""
    opening = prelude or prelude_of(frame, scope.seed, lately)
    room = words - count_words(opening)
    best = _nearest(_drafts(frame, replace(scope, blanks=frame.blanks), room, deed, lately), room)
    if best is None:
        raise NotThere(f"{frame.id}: no set can be told of this wish")
    titles = _filled_all(shuffled(frame.titles, scope.seed, "title"), best.scope)
    _, title = next(titles, ("", frame.id))
    heard = [f"{frame.id}/prelude{at}" for at, one in enumerate(frame.preludes) if one == opening]
    return Weaving(best.scenes, title[:1].upper() + title[1:], opening, (*best.choices, *heard), best.fit, best.scope)


def to_open(frame: TaleFrame) -> TaleFrame:
    """The same with only those orders that episodes may be put into; the others keep their numbers and are empty."""
    orders = tuple(order if any(scene.opens for scene in order) else () for order in frame.orders)
    return replace(frame, orders=orders)


def prelude_of(frame: TaleFrame, seed: int, lately: Collection[str]) -> str:
    """Return the frame's first sentence, which no wish changes."""
    return frame.preludes[_in_order(len(frame.preludes), seed, f"{frame.id}/prelude", lately)[0]]


def spoken_words(text: str) -> int:
    """Count a turn's words without its marks; of a blank the first candidate."""
    return count_words(_BLANK_OR_SPEAKER.sub(lambda match: match[1] or "", text))


@dataclass(frozen=True)
class _Draft:
    scenes: tuple[Woven, ...]
    choices: tuple[str, ...]
    fit: str
    scope: Scope
    words: int


def _nearest(drafts: Iterator[_Draft], words: int) -> _Draft | None:
    """Return the first draft of the right length, else the one nearest to it."""
    best: _Draft | None = None
    for draft in drafts:
        if abs(draft.words - words) <= NEAR * words:
            return draft
        if best is None or abs(draft.words - words) < abs(best.words - words):
            best = draft
    return best


def _drafts(frame: TaleFrame, scope: Scope, words: int, deed: str, lately: Collection[str]) -> Iterator[_Draft]:
    """Give drafts: the best fit that was not heard lately first, then other orders and alternatives."""
    orders = _in_order(len(frame.orders), scope.seed, f"{frame.id}/order", lately) if words >= BRIEF_WORDS else []
    orders = [at for at in orders if frame.orders[at]] + [BRIEF] * (words < WHOLE_WORDS)
    alternatives = _in_order(len(frame.alternatives), scope.seed, f"{frame.id}/alt", lately)
    alternatives.sort(key=lambda at: _clashes(frame.alternatives[at], scope))
    told: list[str] = []
    for set_at, fit in _sets(frame, scope, deed, lately):
        # Never a worse fit for the length's sake: what the tale is about counts more than its minutes.
        if told and (fit != told[0] or len(told) == SETS_TRIED):
            return
        some = False
        for draft in _drafts_of(frame, (set_at, fit), product(alternatives, orders), scope, words):
            some = True
            yield draft
        told += [fit] * some


def _drafts_of(
    frame: TaleFrame, chosen: tuple[int, str], parts: Iterable[tuple[int, int]], scope: Scope, words: int
) -> Iterator[_Draft]:
    """Give drafts of one set with each of these alternatives and orders that it can be told with."""
    set_at, fit = chosen
    for alt_at, order_at in parts:
        order = frame.brief if order_at == BRIEF else frame.orders[order_at]
        try:
            variants, known = _filled_turns(order, frame, (frame.alternatives[alt_at], frame.sets[set_at]), scope)
        except NotThere:
            continue
        names = (f"set{set_at}", f"alt{alt_at}", *((f"order{order_at}",) if order_at != BRIEF else ()))
        scenes, length = _fitted(order, variants, words, scope.seed)
        yield _Draft(scenes, tuple(f"{frame.id}/{name}" for name in names), fit, known, length)


def _filled_turns(
    order: Sequence[FrameScene], frame: TaleFrame, parts: tuple[FramePart, FramePart], scope: Scope
) -> tuple[dict[str, list[str]], Scope]:
    """Return every variant that can be told of every turn in the order."""
    words: dict[str, Words] = {**frame.turns, **parts[0].words, **parts[1].words}
    figures = {**frame.figures, **parts[0].figures, **parts[1].figures}
    known = replace(scope, values=words).with_figures(figures)
    found: dict[str, list[str]] = {}
    for turn in (turn for scene in order for turn in scene.turns):
        bare = turn.rstrip(OPTIONAL)
        words[bare] = words.get(f"{bare}_{known.tag}", words[bare])
        variants = (words[bare],) if isinstance(words[bare], str) else words[bare]
        texts = dict(_filled_all([str(one) for one in variants], known))
        found[bare] = [texts[one] for one in _unknown_no_more(_particular([*texts], frame), known)]
        if not found[bare] and not turn.endswith(OPTIONAL):
            raise NotThere(f"{bare}: none of its variants can be told")
    return found, known


def _particular(told: Sequence[str], frame: TaleFrame) -> list[str]:
    """Return those that tell the most of the wish's own words."""
    sure = {"T"} if "thing" in frame.about.needs or frame.about.matter != "thing" else set()
    sure |= {"deed"} if "deed" in frame.about.needs else set()
    own = [len({*_OF_THE_WISH.findall(one)} - (sure - {"T"} if "{T." in one else sure)) for one in told]
    return [one for one, count in zip(told, own, strict=True) if count == max(own)]


def _unknown_no_more(variants: Sequence[str], scope: Scope) -> Sequence[str]:
    """Of a hero whom the listener has met, those that do not say again who it is, where there are any."""
    return ([one for one in variants if not _WHO_IT_IS.search(one)] if scope.met else []) or variants


def _filled_all(templates: Sequence[str], scope: Scope) -> Iterator[tuple[str, str]]:
    """Give each that can be told, and as what."""
    for template in templates:
        try:
            yield template, filled(template, scope)
        except NotThere:
            continue


def _fitted(
    order: Sequence[FrameScene], variants: dict[str, list[str]], words: int, seed: int
) -> tuple[tuple[Woven, ...], int]:
    """Choose a variant of every turn, and optional turns, so that they come nearest to the length."""
    lengths = {turn: [spoken_words(text) for text in texts] for turn, texts in variants.items()}
    turns = [(at, turn.rstrip(OPTIONAL), turn.endswith(OPTIONAL)) for at, one in enumerate(order) for turn in one.turns]
    best: dict[int, int] = {}
    least = -1
    told = {place: turn for place, (_, turn, _) in enumerate(turns) if variants[turn]}
    draws = [
        {at: number(seed, f"{draw}:{turn}") % len(variants[turn]) for at, turn in told.items()} for draw in range(DRAWS)
    ]
    # Last, the shortest and the longest of all: what luck has not drawn need not be missing.
    draws += [{at: lengths[turn].index(most(lengths[turn])) for at, turn in told.items()} for most in (min, max)]
    for picked in draws:
        total = sum(lengths[turns[place][1]][variant] for place, variant in picked.items())
        # From the end: optional turns late in a tale carry the least of its chain.
        for place in reversed([place for place in picked if turns[place][2]]):
            mine = lengths[turns[place][1]][picked[place]]
            if abs(total - mine - words) < abs(total - words):
                del picked[place]
                total -= mine
        if least < 0 or abs(total - words) < abs(least - words):
            best, least = picked, total
    scenes = [
        Woven(
            scene.name,
            scene.mood,
            tuple(variants[turns[p][1]][best[p]] for p in told),
            tuple(turns[p][1] for p in told),
            scene.opens,
        )
        for at, scene in enumerate(order)
        for told in [[place for place in sorted(best) if turns[place][0] == at]]
    ]
    return tuple(scene for scene in scenes if scene.turns), least


def _sets(frame: TaleFrame, scope: Scope, deed: str, lately: Collection[str]) -> Iterator[tuple[int, str]]:
    """Give sets from the nearest to the farthest; among equals those not heard lately, in the seed's order."""
    wish = sought(scope.beings, deed, scope.own.get("who", ""), scope.language)
    ranked: dict[str, list[int]] = {fit: [] for fit in FITS}
    for at, one in enumerate(frame.sets):
        fit = fit_of(one, wish)
        if fit:
            ranked[fit].append(at)
    for fit, found in ranked.items():
        order = shuffled(found, scope.seed, f"{frame.id}/set")
        yield from ((at, fit) for at in sorted(order, key=lambda at: f"{frame.id}/set{at}" in lately))


def _clashes(part: FramePart, scope: Scope) -> bool:
    """Whether the frame brings along somebody who is what the wish's own people are: two kings would confuse."""
    own = {word for key in ("N", "T") if key in scope.beings for word in _called(scope.beings[key], scope)}
    own |= set(words_in(scope.own.get("who", "")))
    brought = {head_words(figure.name, scope.forms)[-1:][0] for figure in part.figures.values() if figure.name}
    return bool(own & brought)


def _called(being: Being, scope: Scope) -> list[str]:
    return [*head_words(being.bare, scope.forms), *(being.noun.names if being.noun else ())]


def _in_order(count: int, seed: int, key: str, lately: Collection[str]) -> list[int]:
    """Return places in the seed's order; what was heard lately last."""
    return sorted(shuffled(range(count), seed, key), key=lambda at: f"{key}{at}" in lately)
