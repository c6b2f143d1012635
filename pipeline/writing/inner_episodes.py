"""Episodes inside a longer tale."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from pipeline.writing.cast_tale import OTHER, PLACE, PLACE_SLOT, Casting
from pipeline.writing.choose_frame import Choice, choose, unmet
from pipeline.writing.episodes import Episode, Wanted, known_to_all, parts_of
from pipeline.writing.fill import HERO, NotThere, Scope, filled
from pipeline.writing.fitting import best_fit, sought
from pipeline.writing.frames import ABOUT_ANOTHER, ABOUT_HERO, TaleFrame
from pipeline.writing.lexicon import ALIVE, Being, head_words
from pipeline.writing.readings import WishReading
from pipeline.writing.seeds import choice
from pipeline.writing.told_lines import plain_text
from pipeline.writing.tongue import words_in
from pipeline.writing.weave import woven

LOOKED_AT = 5
"""Frames of which an episode takes the one of the best length."""
FITS_HERO, FITS_WISH = 0.15, 0.1
"""What it weighs that an episode is about what the hero is, and that it can name what the wish named."""
MOST_SEEDS = 8
"""From which somebody else is drawn until they are not what the hero is."""


class InnerEpisodes:
    """Those inside a longer tale, chosen one after the other."""

    def __init__(self, wanted: Wanted, outer: Episode) -> None:
        self._wanted, self._outer = wanted, outer
        self.told: list[Episode] = [outer]
        self._asked = replace(wanted.asked, reading=WishReading(), several=wanted.asked.several, verb="", negated=False)
        self._known = _known_beings(outer)

    @property
    def words(self) -> int:
        """Of all that were told."""
        return sum(one.weaving.words for one in self.told)

    def next(self, words: int, joint: str) -> Episode:
        """One that happens to the hero."""
        casting = self._casting(self._wanted.asked.seed + 7 * len(self.told))
        reading = replace(self._wanted.asked.reading, deed="", state="", thing="", other="", place="")
        ranked = self._ranked({ABOUT_HERO}, casting)
        return self._best(ranked, lambda frame: self._about_hero(casting, reading, frame), words, joint)

    def of_somebody_else(self, seed: int, words: int, joint: str, *, cut: bool) -> Episode:
        """One that happens to the hero of the second thread, of frames that can be cut in two if it will be."""
        casting = self._casting(seed)
        ranked = self._ranked({ABOUT_HERO, ABOUT_ANOTHER}, casting)
        ranked.sort(key=lambda pair: cut and not pair[1].opens)
        return self._best(ranked, lambda frame: casting.scope(WishReading(), frame), words, joint)

    def somebody_else(self) -> tuple[int, Being]:
        """Who is not the hero, and not what the hero is; and the seed that casts them."""
        hero = self._outer.weaving.scope
        seeds = [self._wanted.asked.seed + 101 * at for at in range(1, MOST_SEEDS)]
        cast = [(seed, self._casting(seed).heroes(WishReading())[0]) for seed in seeds]
        unlike = (pair for pair in cast if pair[1].who != hero.own["who"])
        seed, other = next(unlike, cast[-1])
        return seed, other.being

    def _casting(self, seed: int) -> Casting:
        wanted, hero = self._wanted, self._outer.weaving.scope.beings[HERO]
        return Casting(wanted.language, seed, (*wanted.asked.lately.heroes, *hero.the.split()))

    def _about_hero(self, casting: Casting, reading: WishReading, frame: TaleFrame) -> Scope:
        """The hero as the listener knows them, with the place and the other one whom the beginning named."""
        scope, first = casting.scope(reading, frame), self._outer.weaving.scope
        kept = {"who", PLACE_SLOT} if PLACE in self._known else {"who"}
        own = {key: value for key, value in first.own.items() if key in kept}
        own["home"] = filled(choice(first.body.home, first.seed, "value:home"), first)
        beings = {**self._known, **scope.beings, HERO: first.beings[HERO]}
        return known_to_all(replace(scope, beings=beings, own={**scope.own, **own}, body=first.body))

    def _ranked(self, whose: Collection[str], casting: Casting) -> list[tuple[Choice, TaleFrame]]:
        """Frames that may stand inside another and need nothing of the wish, the fittest first."""
        frames = {name: one for name, one in self._wanted.frames.items() if one.about.inside in whose}
        found = [(one, frames[one.frame]) for one in choose(self._wanted.scores, self._asked, frames)]
        found = [pair for pair in found if not unmet(pair[1], self._asked)]
        return sorted(found, key=lambda pair: (self._told_alike(pair[1]), -self._worth(pair[0], pair[1], casting)))

    def _told_alike(self, frame: TaleFrame) -> int:
        """How many of its kind were told: two of one kind only where nothing else is left."""
        return sum(_akin(frame, one.frame) for one in self.told)

    def _worth(self, choice_: Choice, frame: TaleFrame, casting: Casting) -> float:
        about = sought({}, "", self._outer.weaving.scope.own["who"], casting.language)
        names = {OTHER: "other", PLACE: "place"}
        fit = FITS_HERO * (best_fit(frame, about) == "deed")
        fit += FITS_WISH * len({names[key] for key in self._known} & frame.tells)
        return choice_.weight + fit

    def _best(
        self, ranked: Sequence[tuple[Choice, TaleFrame]], cast: Callable[[TaleFrame], Scope], words: int, joint: str
    ) -> Episode:
        """Of the fittest, the one of the best length in which nobody comes again as a stranger."""
        found: list[Episode] = []
        lately = {*parts_of(self._wanted.asked.lately), *(part for one in self.told for part in one.weaving.choices)}
        for choice_, frame in ranked:
            try:
                found.append(Episode(choice_, frame, woven(frame, cast(frame), words, "", lately, joint)))
            except NotThere:
                continue
            if len(found) == LOOKED_AT:
                break
        if not found:
            raise NotThere("no frame can stand inside another")
        best = min(found, key=lambda one: (self._strangers(one), max(0, abs(one.weaving.words - words) - words // 10)))
        self.told.append(best)
        return best

    def _strangers(self, one: Episode) -> int:
        """How many of its people and things were met before."""
        before = {name for told in self.told for name in _named(told)}
        return len(before & _named(one))


def _akin(one: TaleFrame, other: TaleFrame) -> bool:
    """Whether two frames are of one kind: the same, or for the same deeds."""
    return one.id == other.id or bool(one.verbs & other.verbs)


def _named(episode: Episode) -> set[str]:
    """Its people and things, but for its hero."""
    return {being.bare.lower() for key, being in episode.weaving.scope.beings.items() if key not in {HERO, PLACE}}


def _known_beings(outer: Episode) -> dict[str, Being]:
    """The wish's place, and its other one if they live, where the beginning of the tale has named them."""
    scope, forms = outer.weaving.scope, outer.weaving.scope.forms
    scenes = outer.weaving.scenes[: outer.weaving.opened_at] or outer.weaving.scenes
    heard = {*words_in(plain_text(" ".join(turn for scene in scenes for turn in scene.turns)))}
    found = {key: scope.beings[key] for key in (PLACE, OTHER) if key in scope.beings}
    return {
        key: being
        for key, being in found.items()
        if {*head_words(being.bare, forms)} & heard and (key == PLACE or being.kind in ALIVE)
    }
