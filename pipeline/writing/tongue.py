"""One language's words, for code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pipeline.tables import by_language

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
"""A word of a wish with its place, compounds and elisions whole."""


@dataclass(frozen=True)
class Tongue:
    """A file data/languages/<code>/tongue.toml."""

    stopwords: str
    """Small words that give the language away."""
    saying: str
    """Words of saying, beside which a name in a given text is a speaker."""
    orders: str
    """A pattern: orders to the model itself."""
    title_case: bool
    elide: tuple[tuple[str, str], ...]
    """(pattern, replacement) run over a filled sentence: contractions."""
    marks: str = ""
    """Letters that hardly stand in another of our languages."""


@cache
def tongues() -> dict[str, Tongue]:
    """All languages that can be written, by ISO code."""
    return by_language("tongue", Tongue)


def contracted(text: str, language: str) -> str:
    """With the language's contractions: `de o` as `do`, `que Ana` as `qu'Ana`."""
    for pattern, put in tongues()[language].elide:
        text = re.sub(pattern, put, text)
    return text


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
