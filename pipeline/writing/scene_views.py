"""What a scene's words put into its picture."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.tables import FALLBACK, by_language, codes_with, lists
from pipeline.words.picture import PictureFigure, SceneView
from pipeline.words.story import NARRATOR, Person, Plan, Scene, Story
from pipeline.writing.forms import forms_of
from pipeline.writing.lexicon import ALIVE, Lexicon, Noun, lexicon_of
from pipeline.writing.seeds import number
from pipeline.writing.tongue import words_of

_REACH = 3
"""How many words before a noun may hold its article."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[.,;:!?—]")
_OF_KIND: Mapping[str, str] = {
    "child": "child", "old_woman": "old woman", "old_man": "old man", "giant": "giant", "animal": "dog",
    "person": "person",
}  # fmt: skip
_UNSEEN_KINDS = frozenset({"time", "word", "feeling", "way"})
"""Kinds that are shown only where their noun has a shape of its own."""
_NO_PLACES = frozenset({"machine", "sky", "object", "weather"})
_ABROAD = ("land", "village", "forest", "field", "road")
_INDOORS = ("room", "kitchen")


@dataclass(frozen=True)
class _Sight:
    """A file data/languages/<code>/pictures.toml."""

    absent: str = ""
    unseen: tuple[str, ...] = ()
    hours: dict[str, tuple[str, ...]] = field(default_factory=dict)
    weather: dict[str, tuple[str, ...]] = field(default_factory=dict)
    places: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Words for places that no row of the lexicon holds."""
    nouns: dict[str, str] = field(default_factory=dict)
    """The language's noun to the name that the tables of shapes know it by."""


@dataclass(frozen=True)
class Shapes:
    """What can be drawn, as the illustrator's tables say."""

    seen_as: Callable[[str, str], str]
    """The shape for a noun and its kind; empty where there is none."""
    is_being: Callable[[str], bool]
    places: Collection[str]
    alike: Mapping[str, str]
    """Other nouns for a place."""
    work: Mapping[str, str]
    """Where somebody is met of whom no place is told."""


def views_of(plan: Plan, story: Story, shapes: Shapes) -> tuple[SceneView, ...]:
    """Return what each scene shows; hour and place last until the words name others."""
    return tuple(_Looker(plan, story, shapes).views())


@dataclass(frozen=True)
class _Seen:
    """A noun that stands in the text."""

    name: str
    """In the tables."""
    kind: str
    there: bool
    """With an article, and not only spoken of."""


class _Looker:
    def __init__(self, plan: Plan, story: Story, shapes: Shapes) -> None:
        language = plan.language
        self._plan, self._story, self._shapes = plan, story, shapes
        tables = by_language("pictures", _Sight)
        self._sight = tables.get(language, _Sight())
        self._lexicon: Lexicon | None = lexicon_of(language) if language in codes_with("lexicon") else None
        forms = forms_of(language) if self._lexicon else None
        self._small = words_of(f"{forms.determiners} {forms.places}") if forms else frozenset[str]()
        self._head_last = self._lexicon is not None and forms_of(language).head_last
        self._unseen = tables[FALLBACK].unseen
        self._absent = words_of(self._sight.absent)
        self._known = _known(plan, story)
        self._speakers = {line.speaker for passage in story.passages for line in passage.lines}

    def views(self) -> Iterator[SceneView]:
        hour, place, weather = "", self._first_place(), ""
        for scene in self._story.scenes:
            seen = list(self._nouns(scene.text))
            hour = self._found(scene, self._sight.hours) or hour
            weather = self._found(scene, self._sight.weather) or (weather if self._plan.beats else "")
            place = self._found(scene, self._sight.places) or self._place(seen) or place
            figures = self._figures(scene, seen)
            yield SceneView(
                scene.mood.emotion,
                place,
                hour or ("night" if "night" in _sounds(scene) else "day"),
                weather,
                figures,
                tuple(self._things(seen, place, figures)),
                number(self._plan.seed, f"picture:{scene.index}") % 2**31,
                scene.picture or scene.text[:200],
            )

    def _first_place(self) -> str:
        facts = self._plan.facts
        for phrase in (facts.place, self._plan.read.get("place", ""), self._plan.asked):
            if phrase and (place := self._place(list(self._nouns(phrase)))):
                return place
        hero = self._figure(facts.hero, self._plan.read.get("who", ""))
        if work := self._shapes.work.get(hero.what):
            return work
        among = _INDOORS + _ABROAD[:2] if hero.kind == "person" else _ABROAD
        return among[number(self._plan.seed, "place") % len(among)]

    def _place(self, seen: Sequence[_Seen]) -> str:
        """Return the first place that is there."""
        for one in seen:
            name = self._shapes.alike.get(one.name, one.name)
            if one.there and name in self._shapes.places and one.kind not in _NO_PLACES:
                return name
        return ""

    def _figures(self, scene: Scene, seen: Sequence[_Seen]) -> tuple[PictureFigure, ...]:
        """Return the hero, and whoever else is named or there."""
        text, facts = scene.text, self._plan.facts
        found: list[PictureFigure] = []
        if facts.hero.name and facts.hero.name != NARRATOR:
            found.append(self._figure(facts.hero, self._plan.read.get("who", "")))
        found += [self._figure(one) for one in self._known if _named(one.name, text) and self._is_somebody(one)]
        found += [
            PictureFigure(shape, one.name, "", one.kind, self._plan.seed)
            for one in seen
            if one.there and (shape := self._shapes.seen_as(one.name, one.kind)) and self._shapes.is_being(shape)
        ]
        firsts: dict[str, PictureFigure] = {}
        for one in found:
            firsts.setdefault(one.name if one.what == "person" else one.what, one)
        return tuple(firsts.values())

    def _is_somebody(self, person: Person) -> bool:
        """Whether to show a face: the wish's matters stand among its people too, and are things unless they speak."""
        noun = self._lexicon.find(person.name) if self._lexicon else None
        is_name = person.name[:1].isupper()
        return person.name in self._speakers or is_name or (noun is not None and noun.kind in ALIVE)

    def _figure(self, person: Person, who: str = "") -> PictureFigure:
        """Return how somebody looks, by what the wish calls them, else by their name, else by their kind."""
        for phrase in (who, person.name):
            noun = self._lexicon.find(phrase) if self._lexicon and phrase else None
            if noun and (shape := self._shapes.seen_as(self._name_of(noun), noun.kind)):
                return PictureFigure(shape, person.name, person.gender, noun.kind, self._plan.seed)
            if noun and noun.kind in ALIVE:
                break
        what = _OF_KIND.get(person.kind, "person")
        return PictureFigure(
            self._shapes.seen_as(what, "person"), person.name, person.gender, "person", self._plan.seed
        )

    def _things(self, seen: Sequence[_Seen], place: str, figures: Sequence[PictureFigure]) -> Iterator[tuple[str, str]]:
        taken = {one.what for one in figures} | {place}
        for one in seen:
            shape = self._shapes.seen_as(one.name, one.kind)
            where = self._shapes.alike.get(one.name, one.name)
            plain = one.kind in _UNSEEN_KINDS and shape != one.name
            if not one.there or not shape or plain or self._shapes.is_being(shape) or {shape, where} & taken:
                continue
            taken.add(shape)
            yield shape, one.kind

    def _nouns(self, text: str) -> Iterator[_Seen]:
        """Give the nouns of a text, in order."""
        if self._lexicon is None:
            return
        words = [word.lower() for word in _WORD.findall(text)]
        last, at = 0, 0
        while at < len(words):
            length = self._lexicon.known_words(words, at)
            noun = self._lexicon.find(" ".join(words[at : at + length])) if length else None
            if noun is None:
                at += 1
                continue
            before = words[max(last, at - _REACH) : at]
            name = self._name_of(noun)
            # Of a fish market the market, with its article.
            if self._head_last and self._lexicon.known_words(words, at + length):
                at += length
                continue
            if name not in self._unseen:
                yield _Seen(name, noun.kind, self._is_there(before, length, words[at], noun))
            at += length
            last = at

    def _is_there(self, before: Sequence[str], length: int, word: str, noun: Noun) -> bool:
        near = [one for one in before if one not in ",.;:!?—"] if not _broken(before) else before[_last_break(before) :]
        if any(one in self._absent for one in near):
            return False
        plural = len(noun.names) > 1 and word == noun.names[1].lower() != noun.names[0].lower()
        return length > 1 or plural or noun.number == "u" or any(one in self._small for one in near)

    def _name_of(self, noun: Noun) -> str:
        """Return the name by which the tables know a noun."""
        own = noun.names[0]
        # A French "pie" is no cake: another language's own word is never taken for the tables' English one.
        return own if self._plan.language == FALLBACK else self._sight.nouns.get(own, "")

    def _found(self, scene: Scene, table: Mapping[str, Sequence[str]]) -> str:
        """Return the first row of which a word stands in the scene."""
        words = {word.lower() for word in _WORD.findall(scene.text)}
        return next((name for name, wanted in table.items() if any(lists(one, words) for one in wanted)), "")


def _known(plan: Plan, story: Story) -> list[Person]:
    """Return everybody besides the hero: the wish's people, who speaks, and names that the tale repeats."""
    facts = plan.facts
    people = [one for one in (facts.helper, *facts.people) if one is not None]
    spoken = {line.speaker for passage in story.passages for line in passage.lines} - {NARRATOR, facts.hero.name}
    known = {one.name for one in people}
    people += [Person(name) for name in sorted(spoken - known)]
    if plan.shape == "as_written":
        people += [Person(name, kind="person") for name in _names_in(story) if name not in known | spoken]
    return [replace(one, name=one.name) for one in people if one.name]


def _names_in(story: Story) -> list[str]:
    """Return words that stand with a large letter inside sentences, and were seen with no article."""
    text = " ".join(scene.text for scene in story.scenes)
    inner = re.findall(r"(?<![.!?“\"'’])\s+(?<!the )(?<!The )([A-Z][a-zà-ÿ]{2,})\b", f" {text}")
    return [name for name in dict.fromkeys(inner) if inner.count(name) + text.count(f"{name} ") > 1]


def _named(name: str, text: str) -> bool:
    """Whether somebody is named; `the old owl` by `owl` too."""
    head = name.rsplit(maxsplit=1)[-1] if name else ""
    return bool(head) and re.search(rf"\b{re.escape(head)}\b", text, re.IGNORECASE) is not None


def _broken(words: Sequence[str]) -> bool:
    return any(word in ",.;:!?—" for word in words)


def _last_break(words: Sequence[str]) -> int:
    return max(at for at, word in enumerate(words) if word in ",.;:!?—") + 1


def _sounds(scene: Scene) -> set[str]:
    return {name for passage in scene.passages for name in passage.ambience}
