"""Facts of a prompt, read by a model."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pipeline.roles import Ask, Kind, Turn
from pipeline.words.story import Facts
from pipeline.writing.facts import LOOKED_AT_CHARS, MOST_THINGS, MOST_WISH_WORDS, Given
from pipeline.writing.tongue import Tongue, words_in, words_of

SYSTEM = "You read what people wish a story to be about. You copy their words and add none."
QUESTION = """The wish: {text}
Answer with one JSON object: "place", where it plays, with its preposition; "wish", what the hero wants; \
"things", objects and animals, each with its article. In the language of the wish. Leave empty what it does not say."""
SHARED_LETTERS = 4
"""A word counts as the wish's own if it begins like one of its words: `befriend` of `befriends`."""

Complete = Callable[[Turn, Ask], str]


@dataclass(frozen=True)
class Read:
    """What the model found."""

    place: str = ""
    wish: str = ""
    things: tuple[str, ...] = ()


def is_open(facts: Facts) -> bool:
    """Whether our own reading left something to find."""
    return not (facts.place and facts.wish and facts.things)


def filled(given: Given, text: str, tongue: Tongue, seed: int, complete: Complete) -> Given:
    """The facts with what was left open; never more than stands in the prompt, never instead of what we read."""
    turn = Turn(SYSTEM, QUESTION.format(text=text[:LOOKED_AT_CHARS]), "")
    read = _read(complete(turn, Ask(Kind.FACTS, seed, max_tokens=120, temperature=0.0)), text, tongue)
    facts = given.facts
    things = facts.things or tuple(one for one in read.things if not _told(one, given))[:MOST_THINGS]
    return replace(
        given, facts=replace(facts, place=facts.place or read.place, wish=facts.wish or read.wish, things=things)
    )


def _read(answer: str, text: str, tongue: Tongue) -> Read:
    try:
        found: Any = json.loads(answer[answer.index("{") : answer.index("}") + 1])
        place, wish, things = str(found["place"]), str(found["wish"]), [str(one) for one in found["things"]]
    except (ValueError, KeyError, TypeError):
        return Read()
    articles, places = words_of(tongue.all_articles), words_of(tongue.place_words)
    return Read(
        place.strip() if _stands(place, text) and _first(place) in places else "",
        wish.strip() if _stands(wish, text) and len(wish.split()) <= MOST_WISH_WORDS else "",
        tuple(one.strip() for one in things if _stands(one, text) and _first(one) in articles),
    )


def _first(phrase: str) -> str:
    return phrase.split(maxsplit=1)[0].lower()


def _stands(phrase: str, text: str) -> bool:
    """Whether every word of it is the prompt's own, give or take its ending."""
    words, given = words_in(phrase), words_in(text)
    return bool(words) and all(any(_alike(word, other) for other in given) for word in words)


def _alike(word: str, other: str) -> bool:
    return word == other or (
        len(word) > SHARED_LETTERS and other.startswith(word[: max(SHARED_LETTERS, len(word) - 2)])
    )


def _told(thing: str, given: Given) -> bool:
    """Whether it only says who somebody is, or where it plays."""
    facts = given.facts
    known = words_in(f"{given.role} {facts.place} {facts.hero.name} {facts.helper.name if facts.helper else ''}")
    return words_in(thing)[-1] in known
