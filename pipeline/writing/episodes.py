"""Which frame tells a wish, and how."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.words.mood import Emotion, Mood
from pipeline.words.prompt import Lately
from pipeline.words.story import Chosen, Facts, Person
from pipeline.writing.cast_tale import THING, TWO, Casting
from pipeline.writing.choose_frame import UNMET, Choice, FrameQuery, choose, trusted, unmet
from pipeline.writing.fill import HERO, NotThere, Scope
from pipeline.writing.fitting import best_fit, sought
from pipeline.writing.frames import ANY, TaleFrame
from pipeline.writing.lexicon import Being
from pipeline.writing.readings import WishReading, done_of
from pipeline.writing.weave import Weaving, Woven, spoken_words, to_open, woven

OPENED = 0.35
"""Weight for the frame whose first sentence was spoken already."""
LOST = 0.06
"""Cost of each of somebody, something and a place in the wish that a frame has no words for."""
ABOUT = {"deed": 0.15, "kind": -0.05}
"""Weight of how near a set is to the wish: read blind, premise was 3.0 by a word or deed, 2.2 by a kind."""
TONE, TONE_NEAR = 1.5, 0.1
"""Weight of a frame of the feeling in the voice, and how near it must be where no set of it fits the wish."""
SURELY = 0.3
"""Nearness of a frame that tells the wish even where no set of it does."""
MAY_OPEN = 0.2
"""Weight, in a longer tale, of a frame that episodes may be put into."""
LOOKED_AT, SQUARE = 6, 0.45
"""Frames of which one is taken for its length where the fittest misses that, and how near that one must be to stay.

Read blind, tales so near had 3.7 of 5, others about 3: a wish that is a frame's own keeps it at any length.
"""
GIVEN_UP = 1.0
"""How much less fit another frame may be: not one that the wish or its feeling forbids."""
TOO_LONG = 4.0
"""Weight of the share by which a tale misses its length more than it may: rather a sixth too long than off the wish."""
MAY_MISS = 0.14
"""Share of the asked length by which a tale may be shorter or longer."""
MOST_FRAME_WORDS = 300
"""Words above which a tale has episodes."""


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
    opening: str = ""
    """What is told in place of the frame's own first sentence: where the last tale stood."""
    guest: Being | None = None
    """Somebody of the last tale, who comes again."""


def first_episode(wanted: Wanted, words: int, *, opened: bool = False) -> Episode:
    """The frame that tells the wish at about the asked length; of a longer tale, one that can be opened.

    Where the fittest misses the length, a few that are nearly as fit are looked at.
    """
    wanted = _in_grief(wanted)
    casting = Casting(wanted.language, wanted.asked.seed, wanted.asked.lately.heroes, wanted.kinds)
    told: list[tuple[float, Episode]] = []
    for worth, choice_, frame in _ranked(wanted, casting, opened=opened):
        if told and (worth < told[0][0] - GIVEN_UP or len(told) == LOOKED_AT):
            break
        try:
            one = _told_by(to_open(frame) if opened and frame.opens else frame, choice_, wanted, casting, words)
        except NotThere:
            continue
        told.append((worth, one))
        if opened or told[0][1].choice.near >= SQUARE or _missed(one, words) <= MAY_MISS:
            break
    if not told:
        raise NotThere("no frame can be told of this wish")
    return max(told, key=lambda pair: pair[0] - TOO_LONG * max(0.0, _missed(pair[1], words) - MAY_MISS))[1]


def _ranked(wanted: Wanted, casting: Casting, *, opened: bool) -> list[tuple[float, Choice, TaleFrame]]:
    """All frames for the length with what they are worth, the fittest first."""
    frames = _of_length(wanted)
    found = [
        (_worth(one, frames[one.frame], wanted, casting) + MAY_OPEN * (opened and frames[one.frame].opens), one)
        for one in choose(wanted.scores, wanted.asked, frames)
    ]
    found.sort(key=lambda pair: -pair[0])
    return [(worth, one, frames[one.frame]) for worth, one in found]


def _told_by(frame: TaleFrame, choice_: Choice, wanted: Wanted, casting: Casting, words: int) -> Episode:
    scope = casting.scope(wanted.asked.reading, frame)
    scope = known_to_all(scope) if wanted.known else scope
    done, lately = done_of(wanted.asked.reading), parts_of(wanted.asked.lately)
    return Episode(choice_, wanted.frames[choice_.frame], woven(frame, scope, words, done, lately, wanted.opening))


def _missed(one: Episode, words: int) -> float:
    """Return the share of the asked length by which a tale misses it."""
    return abs(one.weaving.words - words) / words


def _in_grief(wanted: Wanted) -> Wanted:
    """Return the same, in no feeling or style but grief where somebody died, in whatever voice it was said."""
    sad = [one for one in wanted.frames.values() if Emotion.JOY in one.about.never]
    if not any(one.tag_of(wanted.asked.reading.deed) for one in sad):
        return wanted
    return replace(wanted, asked=replace(wanted.asked, tone=None, style=None, mood=Mood.pure(Emotion.SADNESS)))


def facts_of(found: Sequence[Episode], reading: WishReading) -> Facts:
    """Return everybody who speaks in any episode, once."""
    each = [_people_of(one.weaving.scope) for one in found]
    hero = each[0].hero
    met = (one for facts in each for one in (replace(facts.hero, role="other"), *facts.people))
    people = {one.name: one for one in met if one.name != hero.name}
    thing = found[0].weaving.scope.beings.get("T")
    things = (thing.one,) if thing else ()
    return Facts(hero, None, reading.place, reading.deed, things, tuple(people.values()))


def _worth(choice_: Choice, frame: TaleFrame, wanted: Wanted, casting: Casting) -> float:
    """Return a frame's weight, less the cost where no set of it is about the wish's thing or deed."""
    reading = casting.suited(wanted.asked.reading, frame)
    fit = best_fit(frame, sought(casting.matters(reading, frame), done_of(reading), reading.who, casting.language))
    first = OPENED * (frame.id == wanted.opened and not unmet(frame, wanted.asked))
    strange = fit in {ANY, ""} or (frame.about.carries > 0 and fit != "deed")
    plain = strange and "trait" in frame.about.needs and not casting.trait(reading)
    plain = plain or (wanted.known and frame.about.matter == "hero")  # who went through the last tale is its hero again
    lost = {role for role in ("other", "place", "thing") if getattr(wanted.asked.reading, role)} - frame.tells
    cost = frame.about.any_costs * strange * max(0.0, 1 - choice_.near / SURELY) + LOST * len(lost) + UNMET * plain
    first += _toned(choice_, frame, wanted.asked, fit)
    return choice_.weight + first - cost + ABOUT.get(fit, 0.0) * trusted(wanted.scores.get(frame.id, 0.0))


def _toned(choice_: Choice, frame: TaleFrame, asked: FrameQuery, fit: str) -> float:
    """What the feeling in the voice weighs, among frames that can be about the wish's own thing or deed."""
    tone = asked.tone
    if tone is None or tone.emotion not in frame.about.tones:
        return 0.0
    return TONE * tone.certainty * (fit not in {ANY, ""} or choice_.near >= TONE_NEAR)


def _of_length(wanted: Wanted) -> dict[str, TaleFrame]:
    """Return the frames for the length: the shortest tales have frames of their own."""
    least = wanted.words * (1 - MAY_MISS)
    rooms = [one.about.most_words for one in wanted.frames.values() if one.about.most_words >= least]
    short = {name: one for name, one in wanted.frames.items() if rooms and one.about.most_words == min(rooms)}
    return short or {name: one for name, one in wanted.frames.items() if not one.about.most_words}


def known_to_all(scope: Scope) -> Scope:
    """Return the scope with a hero whom the listener knows: not introduced again, and at home where they were."""
    name = scope.beings[HERO].the
    return replace(scope, own={**scope.own, "intro": name, "N_who": name}, met=True)


def parts_of(lately: Lately) -> Collection[str]:
    """Return recipes as the names under which frames know their parts."""
    split = [recipe.split() for recipe in lately.shapes if recipe]
    return {f"{frame}/{part}" for frame, *parts in split for part in parts}


def _people_of(scope: Scope) -> Facts:
    """Return who speaks in the tale, for the cast."""
    people = {key: _person(being, key) for key, being in scope.beings.items() if key not in {HERO, THING}}
    hero = replace(_person(scope.beings[HERO], HERO), who=scope.own.get("who", ""))
    two = [people.pop(key) for key in TWO if key in people]
    thing = [_person(scope.beings[THING], THING)] if THING in scope.beings else []
    others = [*two, *people.values(), *thing]
    return Facts(hero, people=tuple(others))


def _person(being: Being, key: str) -> Person:
    gender = "f" if "f" in being.class_ else "m" if "m" in being.class_ else ""
    return Person(being.the, "hero" if key == HERO else "other", gender, being.kind)
