"""Tales of any length from frames."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.words.prompt import Lately
from pipeline.words.story import Chosen, Facts, Person
from pipeline.writing.cast_tale import THING, TWO, Casting
from pipeline.writing.choose_frame import UNMET, Choice, FrameQuery, choose, trusted, unmet
from pipeline.writing.fill import HERO, NotThere, Scope
from pipeline.writing.fitting import best_fit, sought
from pipeline.writing.forms import forms_of
from pipeline.writing.frames import ANY, TaleFrame
from pipeline.writing.lexicon import Being
from pipeline.writing.readings import WishReading, done_of
from pipeline.writing.seeds import choice
from pipeline.writing.weave import Weaving, Woven, spoken_words, woven

FRAME_WORDS = 230
"""Words that one frame comfortably tells."""
OPENED = 0.35
"""Weight for the frame whose first sentence was spoken already."""
LOST = 0.06
"""Cost of each of somebody, something and a place in the wish that a frame has no words for."""
ABOUT = {"deed": 0.15, "kind": -0.05}
"""Weight of how near a set is to the wish: read blind, premise was 3.0 by a word or deed, 2.2 by a kind."""
SURELY = 0.3
"""Nearness of a frame that tells the wish even where no set of it does."""
LOOKED_AT = 4
"""Frames of which a later episode takes the one of the best length."""
SHORT_OF = 0.9
"""Share of the asked length that a tale must at least have."""
MOST_FRAME_WORDS = 300
"""Words above which a tale is told by several frames."""


@dataclass(frozen=True)
class Episode:
    """Part of a tale that one frame tells."""

    choice: Choice
    frame: TaleFrame
    weaving: Weaving

    @property
    def chosen(self) -> Chosen:
        near = self.choice
        return Chosen(self.frame.id, self.weaving.fit, near.near, self.weaving.choices, near.among)

    def fixed(self, scene: Woven) -> tuple[int, ...]:
        """Which turns of a scene stand whoever writes: the longest of its set, which is its turn, and the last one."""
        return tuple(at for at, name in enumerate(scene.names) if (scene.name, name) in self._kept)

    @property
    def _kept(self) -> set[tuple[str, str]]:
        told = [
            (scene.name, name, spoken_words(turn))
            for scene in self.weaving.scenes
            for name, turn in zip(scene.names, scene.turns, strict=True)
        ]
        sets = [part.rpartition("/set")[2] for part in self.weaving.choices if "/set" in part]
        own = self.frame.sets[int(sets[0])].words if sets else {}
        middle = [one for one in told[:-1] if one[1] in own] or told[:-1]
        kept = [*told[-1:], *([max(middle, key=lambda one: one[2])] if middle else [])]
        return {(scene, name) for scene, name, _ in kept}


@dataclass(frozen=True)
class Wanted:
    """All that decides which tale is told."""

    language: str
    words: int
    asked: FrameQuery
    scores: Mapping[str, float]
    frames: Mapping[str, TaleFrame]
    known: bool = False
    """Whether the listener has met the hero before."""
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Guessed kind of each phrase of the wish whose noun the lexicon does not have."""
    opened: str = ""
    """The frame whose first sentence was spoken already; it tells the tale if it can."""


def episodes(wanted: Wanted) -> list[Episode]:
    """Return episodes: the first about the wish; others, in a long tale, about the same people afterwards."""
    count = max(1, round(wanted.words / FRAME_WORDS)) if wanted.words > MOST_FRAME_WORDS else 1
    casting = Casting(wanted.language, wanted.asked.seed, wanted.asked.lately.heroes, wanted.kinds)
    found: list[Episode] = []
    for number in range(count):
        # Of what is left, so that one episode's miss is made up for by the next.
        left = wanted.words - sum(_words(one) for one in found)
        found.append(_episode(wanted, casting, found, left // (count - number)))
    return found


def facts_of(found: Sequence[Episode], reading: WishReading) -> Facts:
    """Return everybody who speaks in any episode, once."""
    each = [_people_of(one.weaving.scope) for one in found]
    hero = each[0].hero
    people = {one.name: one for facts in each for one in facts.people if one.name != hero.name}
    thing = found[0].weaving.scope.beings.get("T")
    things = (thing.one,) if thing else ()
    return Facts(hero, None, reading.place, reading.deed, things, tuple(people.values()))


def _episode(wanted: Wanted, casting: Casting, before: Sequence[Episode], words: int) -> Episode:
    """Return the fittest that can be told; of later episodes, the one of the best length."""
    told: list[Episode] = []
    for choice_, frame in _candidates(wanted, casting, before):
        try:
            told.append(Episode(choice_, frame, _weaving(wanted, casting, before, frame, words)))
        except NotThere:
            continue
        if not before or len(told) == LOOKED_AT:
            break
    if not told:
        raise NotThere("no frame can be told of this wish")
    return min(told, key=lambda one: max(0, abs(_words(one) - words) - words // 10))


def _weaving(wanted: Wanted, casting: Casting, before: Sequence[Episode], frame: TaleFrame, words: int) -> Weaving:
    reading = wanted.asked.reading if not before else _later(wanted.asked.reading)
    scope = casting.scope(reading, frame)
    if before or wanted.known:
        scope = replace(scope, own={**scope.own, **_met(scope)})
    lately = {*parts_of(wanted.asked.lately), *(part for one in before for part in one.weaving.choices)}
    prelude = _bridge(wanted, len(before)) if before else ""
    later = replace(scope, seed=scope.seed + 7 * len(before))
    return woven(frame, later, words, done_of(reading), lately, prelude)


def _candidates(wanted: Wanted, casting: Casting, before: Sequence[Episode]) -> list[tuple[Choice, TaleFrame]]:
    """Return frames, the fittest first; for later episodes those not told yet that need nothing of the wish."""
    frames = _of_length(wanted)
    ranked = [(one, frames[one.frame]) for one in choose(wanted.scores, wanted.asked, frames)]
    if not before:
        return sorted(ranked, key=lambda pair: -_worth(pair[0], pair[1], wanted, casting))
    told = [one.frame.id for one in before]
    free = [pair for pair in ranked if not {"deed", "two"} & {*pair[1].about.needs} and pair[1].about.matter != "hero"]
    free = [pair for pair in free if not unmet(pair[1], wanted.asked)] or ranked
    return sorted(free, key=lambda pair: told.count(pair[1].id))


def _worth(choice_: Choice, frame: TaleFrame, wanted: Wanted, casting: Casting) -> float:
    """Return a frame's weight, less the cost where no set of it is about the wish's thing or deed."""
    reading = wanted.asked.reading
    fit = best_fit(frame, sought(casting.matters(reading, frame), done_of(reading), reading.who, casting.language))
    first = OPENED * (frame.id == wanted.opened and not unmet(frame, wanted.asked))
    strange = fit in {ANY, ""} or (frame.about.carries > 0 and fit != "deed")
    plain = strange and "trait" in frame.about.needs and not casting.trait(reading)
    lost = {role for role in ("other", "place", "thing") if getattr(reading, role)} - frame.tells
    cost = frame.about.any_costs * strange * max(0.0, 1 - choice_.near / SURELY) + LOST * len(lost) + UNMET * plain
    return choice_.weight + first - cost + ABOUT.get(fit, 0.0) * trusted(wanted.scores.get(frame.id, 0.0))


def _of_length(wanted: Wanted) -> dict[str, TaleFrame]:
    """Return the frames for the length: the shortest tales have frames of their own."""
    least = wanted.words * SHORT_OF
    rooms = [one.about.most_words for one in wanted.frames.values() if one.about.most_words >= least]
    short = {name: one for name, one in wanted.frames.items() if rooms and one.about.most_words == min(rooms)}
    return short or {name: one for name, one in wanted.frames.items() if not one.about.most_words}


def _later(reading: WishReading) -> WishReading:
    """Return what counts of the wish once its own tale was told: its people."""
    return replace(reading, deed="", state="", thing="", other="", place="")


def _met(scope: Scope) -> dict[str, str]:
    """Return words for a hero whom the listener knows already, and who is not introduced again."""
    name = scope.beings["N"].the
    return {"intro": name, "N_who": name}


def _bridge(wanted: Wanted, number: int) -> str:
    return choice(forms_of(wanted.language).bridges, wanted.asked.seed + number, "bridge")


def _words(one: Episode) -> int:
    return one.weaving.words


def parts_of(lately: Lately) -> Collection[str]:
    """Return recipes as the names under which frames know their parts."""
    split = [recipe.split() for recipe in lately.shapes if recipe]
    return {f"{frame}/{part}" for frame, *parts in split for part in parts}


def _people_of(scope: Scope) -> Facts:
    """Return who speaks in the tale, for the cast."""
    people = {key: _person(being, key) for key, being in scope.beings.items() if key not in {HERO, THING}}
    hero = _person(scope.beings[HERO], HERO)
    two = [people.pop(key) for key in TWO if key in people]
    thing = [_person(scope.beings[THING], THING)] if THING in scope.beings else []
    others = [*two, *people.values(), *thing]
    return Facts(hero, people=tuple(others))


def _person(being: Being, key: str) -> Person:
    gender = "f" if "f" in being.class_ else "m" if "m" in being.class_ else ""
    return Person(being.the, "hero" if key == HERO else "other", gender, being.kind)
