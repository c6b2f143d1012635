"""What a finished tale leaves in a world."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pipeline.words.story import Person
from pipeline.words.tale import Tale
from pipeline.words.world import MOST_NAME_CHARS, MOST_SENTENCE_CHARS, Known, KnownKind, Wording

_SENTENCES = re.compile(r"(?<=[.!?…。！？])[\"'»”’)\]]*\s+|\n+")
_LEAST_WORDS = 5  # of a proof: `asked the keeper.` says nothing of the keeper


def traces_of(tale: Tale) -> tuple[Known, ...]:
    """Return what a finished tale leaves: people, place, thing, bonds, and where it stopped, each with its proof.

    The plan knows who did what; what it names and no sentence tells of is left out.
    """
    return tuple(one for one in _traces(tale) if one.sentence)


def _traces(tale: Tale) -> Iterator[Known]:
    plan = tale.plan
    hero, told = plan.facts.hero, _Told(tale)
    two = [one for one in plan.facts.people if _names(hero.name, one.name)]
    if len(two) > 1:  # `Renske and the bell` is nobody: each of them is
        yield from (told.person(one, tuple(other.name for other in two if other is not one)) for one in two)
        yield told.bond(*two[:2])
    elif hero.name:
        others = [one for one in plan.facts.people if one.name != hero.name and told.counts(one)]
        met = tuple(one.name for one in others)
        yield told.hero(hero, met)
        for one in others:
            yield told.person(one, (hero.name,))
            yield told.bond(hero, one)
        if told.sentence_with(hero.name):
            yield told.trace(hero.name, KnownKind.THREAD, plan.closing, met=(hero.name,))
    if plan.facts.place:
        yield told.trace(plan.facts.place, KnownKind.PLACE, told.sentence_with(plan.facts.place), met=(hero.name,))
    for thing in plan.facts.things:
        yield told.trace(thing, KnownKind.THING, told.sentence_with(thing.split()[-1]), met=(hero.name,))


class _Told:
    """One tale's words."""

    def __init__(self, tale: Tale) -> None:
        self._plan, self._cast, self._language = tale.plan, tale.story.cast, tale.story.language
        text = "\n".join(scene.text for scene in tale.story.scenes)
        self._sentences = [one.strip() for one in _SENTENCES.split(text) if one.strip()]

    def counts(self, person: Person) -> bool:
        """Whether somebody has a name of their own, or was named by the wish; frames lend many a `captain` to a day."""
        wished = self._plan.read.get("other", "").casefold()
        own = person.name[:1].isupper() and " " not in person.name.strip()
        return own or (bool(wished) and wished.split()[-1] in person.name.casefold().split())

    def hero(self, hero: Person, met: tuple[str, ...]) -> Known:
        """Return the hero, with all that a later tale needs of them."""
        facts, read = self._plan.facts, self._plan.read
        who = hero.who or read.get("who", "")
        thing = read.get("thing", "") or "".join(facts.things[:1])
        wording = replace(self._wording(hero.name), who=who, place=facts.place, thing=thing, closing=self._plan.closing)
        one = self.person(hero, met)
        return replace(one, seed=self._plan.hero_key, frame=self._plan.shape, wordings={self._language: wording})

    def person(self, person: Person, met: tuple[str, ...]) -> Known:
        """Return somebody with their voice."""
        wordings = {self._language: replace(self._wording(person.name), who=person.who)}
        return Known(_short(person.name), gender=person.gender, figure=person.kind, met=met, wordings=wordings)

    def bond(self, one: Person, other: Person) -> Known:
        """Return that two met, by the first sentence in which both are named."""
        both = next((text for text in self._sentences if _names(text, one.name) and _names(text, other.name)), "")
        return self.trace(f"{one.name} + {other.name}", KnownKind.BOND, both, met=(one.name, other.name))

    def trace(self, name: str, kind: KnownKind, sentence: str, met: tuple[str, ...] = ()) -> Known:
        """Return anything else."""
        wording = Wording(sentence=sentence[:MOST_SENTENCE_CHARS])
        return Known(_short(name), kind, frame=self._plan.shape, met=met, wordings={self._language: wording})

    def sentence_with(self, name: str) -> str:
        """Return the first sentence that names it; "" for none."""
        named = [text[:MOST_SENTENCE_CHARS] for text in self._sentences if _names(text, name)]
        return next((text for text in named if len(text.split()) >= _LEAST_WORDS), named[0] if named else "")

    def _wording(self, name: str) -> Wording:
        return Wording(voice=self._cast.get(name, ""), sentence=self.sentence_with(name))


def _short(name: str) -> str:
    return name[:MOST_NAME_CHARS]


def _names(text: str, name: str) -> bool:
    return bool(name) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None
