"""Forbidden and harmless words, for both wings."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from itertools import chain

from pipeline.tables import by_language
from pipeline.words.folding import holds, read
from pipeline.words.prompt import Rating


@cache
def forbidden() -> Forbidden:
    """The stems of all languages, read once."""
    lists = [one.forbidden for one in _safety()]
    return Forbidden(
        tuple(chain(*(one.hateful for one in lists))),
        tuple(chain(*(one.adult for one in lists))),
        tuple(chain(*(one.harsh for one in lists))),
    )


@cache
def harmless() -> Harmless:
    """The words and wishes of all languages, read once."""
    words = chain(*(one.harmless_words for one in _safety()))
    return Harmless(tuple(words), tuple(chain(*(one.harmless_wishes for one in _safety()))))


@dataclass(frozen=True)
class Harmless:
    """What is never refused for its looks."""

    words: tuple[str, ...]
    """Honest words that would be another language's forbidden one without their accents."""
    wishes: tuple[str, ...] = ()
    """Whole wishes that sound worse than they are."""


@dataclass(frozen=True)
class Forbidden:
    """Stems by the rating that forbids them."""

    hateful: tuple[str, ...] = ()
    """Never."""
    adult: tuple[str, ...] = ()
    """Only where adults alone listen."""
    harsh: tuple[str, ...] = ()
    """Not before small children."""

    def under(self, rating: Rating) -> tuple[str, ...]:
        """All that may not stand in a text for these listeners."""
        adult = () if rating is Rating.ADULT else self.adult
        return self.hateful + adult + (self.harsh if rating is Rating.ALL else ())

    def stands_in(self, text: str, rating: Rating, harmless: Harmless) -> bool:
        """Whether any of it does, under whatever disguise."""
        return holds(read(text, frozenset(harmless.words)), self.under(rating))


@dataclass(frozen=True)
class _Safety:
    """Of a file data/languages/<code>/safety.toml."""

    forbidden: Forbidden = field(default_factory=Forbidden)
    harmless_words: tuple[str, ...] = ()
    harmless_wishes: tuple[str, ...] = ()


@cache
def _safety() -> tuple[_Safety, ...]:
    return tuple(by_language("safety", _Safety).values())
