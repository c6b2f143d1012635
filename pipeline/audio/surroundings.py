"""Which places a text is heard in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache

from pipeline.tables import FALLBACK, by_key, by_language
from pipeline.words.story import Passage

AT_MOST = 2


@dataclass(frozen=True)
class _Sounds:
    """Of a file data/languages/<code>/sounds.toml."""

    inside_words: bool = False
    ambience: dict[str, tuple[str, ...]] = field(default_factory=dict)
    captions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Surroundings:
    """Words that bring an ambience: by kind, then by language."""

    words: dict[str, dict[str, tuple[str, ...]]]
    inside_words: frozenset[str] = frozenset()
    """Languages whose words are found inside others too, since nothing tells where one ends."""

    def heard_in(self, text: str, language: str) -> tuple[str, ...]:
        """The kinds a text mentions, most mentioned first, at most two; none in a language without a table."""
        lowered = text.lower()
        counts = {
            kind: len(_pattern(of_kind[language], inside_words=language in self.inside_words).findall(lowered))
            for kind, of_kind in self.words.items()
            if language in of_kind
        }
        found = sorted((kind for kind, count in counts.items() if count), key=lambda kind: -counts[kind])
        return tuple(found[:AT_MOST])


@cache
def read_surroundings() -> Surroundings:
    """Read the places of all languages."""
    tables = by_language("sounds", _Sounds)
    inside_words = frozenset(code for code, one in tables.items() if one.inside_words)
    return Surroundings(by_key({code: one.ambience for code, one in tables.items()}), inside_words)


def in_place(passage: Passage, language: str) -> Passage:
    """The passage with the places its text mentions; unchanged where it knows them already."""
    if passage.ambience:
        return passage
    return replace(passage, ambience=read_surroundings().heard_in(passage.text, language))


def named(ambience: Iterable[str], language: str) -> tuple[str, ...]:
    """Kinds of ambience as captions call them; English where the language has no words of its own."""
    names = _names()
    return tuple(names[kind].get(language, names[kind][FALLBACK]) for kind in ambience if kind in names)


@cache
def _names() -> dict[str, dict[str, str]]:
    return by_key({code: one.captions for code, one in by_language("sounds", _Sounds).items()})


def _pattern(words: tuple[str, ...], *, inside_words: bool) -> re.Pattern[str]:
    edge, rest = ("", "") if inside_words else (r"\b", r"\w*")
    stems = (re.escape(word.rstrip("*")) + (rest if word.endswith("*") else edge) for word in words)
    return re.compile(edge + "(?:" + "|".join(stems) + ")")
