"""One language's way of telling."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.places import DATA
from pipeline.tables import read_table
from pipeline.words.mood import Emotion


@dataclass(frozen=True)
class Helper:
    """Somebody who may be met on the way."""

    text: str
    """With its indefinite article: `an old owl`."""
    kind: str = ""
    gender: str = ""
    met: str = ""
    """With its definite article, where that is more than another article."""


@dataclass(frozen=True)
class Company:
    """Verbs that bring the hero somebody to talk to."""

    verbs: str
    """Joined by `|`."""


@dataclass(frozen=True)
class Tongue:
    """A file of data/starters: every word the code itself may say in one language."""

    language: str
    system: str
    """The storyteller's instruction; the same before every tale, so that its reading is cached."""
    ask: str
    """With {prompt} and {mood}."""
    so_far: str
    """With {told}: what a long context is cut down to."""
    told_by: str
    """With {persona}: who tells it, where somebody is wished."""
    stopwords: str
    """Small words that give the language away."""
    dangling: str
    """Words no sentence ends on."""
    joints: str
    """Words before which a sentence can be cut."""
    subordinate: str
    """Words that make the sentence they begin wait for another."""
    comma_inside: bool
    """Whether `he said` draws a comma inside the marks."""
    comma_after_call: bool
    """Whether it draws one after `!` and `?` too."""
    have: str
    """The infinitive before a wished thing."""
    infinitive: str
    """A pattern on a verb: what infinitives end on."""
    names: tuple[str, ...]
    """Invented heroes: `Ivy:f`, `Otis:m`, or a name that fits both."""
    articles: str
    """The indefinite ones."""
    definite: dict[str, str]
    """Indefinite article to definite."""
    joined: dict[str, str]
    """A preposition grown together with an article, and that article: `na` holds `a`."""
    all_articles: str
    place_words: str
    """Prepositions of place."""
    place_nouns: str
    stops: str
    """Words that end a noun phrase: verbs, prepositions, conjunctions."""
    named: str
    """`called`, `named`."""
    wish_lead: str
    """A pattern: what stands before a wished infinitive."""
    elide: tuple[tuple[str, str], ...]
    """(pattern, replacement) run over a filled starter: contractions."""
    titles: tuple[str, ...]
    title_case: bool
    orders: str
    """A pattern: orders to the model itself."""
    wishes: dict[str, str]
    """A told verb and the infinitive of the wish behind it."""
    company: Company
    moods: dict[Emotion, str]
    """How the mood is named to the model."""
    says: dict[Emotion, tuple[str, ...]]
    """After the speaker."""
    said: dict[Emotion, tuple[str, ...]]
    """Before the speaker."""
    asking: str
    """Further words of saying, for given texts: `asked said answered`."""
    kinds: dict[str, str]
    genders: dict[str, str]
    pronouns: dict[str, str]
    """Those that tell a gender."""
    helpers: tuple[Helper, ...]
    slots: dict[str, tuple[str, ...]]
    """The starters every shape shares, by slot."""

    def is_stop(self, word: str) -> bool:
        return word.lower() in words_of(self.stops) or word.lower() in words_of(self.all_articles)


@cache
def tongues(folder: Path = DATA / "starters") -> dict[str, Tongue]:
    """All languages that can be written, by ISO code."""
    return {file.stem: read_table(file, Tongue) for file in sorted(folder.glob("*.toml"))}


@cache
def words_of(listed: str) -> frozenset[str]:
    """A table's space-separated words as a set."""
    return frozenset(listed.lower().split())


def words_in(text: str) -> list[str]:
    """The words of a text, lower case, without digits and marks."""
    return re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text.lower())


def count_words(text: str) -> int:
    """Words as a reader counts them: what stands between spaces and holds a letter or digit."""
    return sum(any(char.isalnum() for char in piece) for piece in text.split())
