"""Forbidden and harmless words, for both wings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pipeline.places import DATA
from pipeline.tables import read_table
from pipeline.words.folding import holds, read
from pipeline.words.prompt import Rating


@cache
def forbidden() -> Forbidden:
    """The stems of data/ratings.toml, read once."""
    return read_table(DATA / "ratings.toml", Forbidden)


@cache
def harmless() -> Harmless:
    """The words of data/harmless.toml, read once."""
    return read_table(DATA / "harmless.toml", Harmless)


@dataclass(frozen=True)
class Harmless:
    """What is never refused for its looks; data/harmless.toml."""

    words: tuple[str, ...]
    """Honest words that would be another language's forbidden one without their accents."""
    wishes: tuple[str, ...] = ()
    """Whole wishes that sound worse than they are."""


@dataclass(frozen=True)
class Forbidden:
    """Stems by the rating that forbids them; data/ratings.toml."""

    hateful: tuple[str, ...]
    """Never."""
    adult: tuple[str, ...]
    """Only where adults alone listen."""
    harsh: tuple[str, ...]
    """Not before small children."""

    def under(self, rating: Rating) -> tuple[str, ...]:
        """All that may not stand in a text for these listeners."""
        adult = () if rating is Rating.ADULT else self.adult
        return self.hateful + adult + (self.harsh if rating is Rating.ALL else ())

    def stands_in(self, text: str, rating: Rating, harmless: Harmless) -> bool:
        """Whether any of it does, under whatever disguise."""
        return holds(read(text, frozenset(harmless.words)), self.under(rating))
