"""Which places a text is heard in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from pipeline.places import DATA
from pipeline.tables import read_table
from pipeline.words.story import Passage

AT_MOST = 2
_UNSPACED = frozenset({"ja", "zh", "hi"})


@dataclass(frozen=True)
class Surroundings:
    """Words that bring an ambience: by kind, then by language."""

    words: dict[str, dict[str, tuple[str, ...]]]

    def heard_in(self, text: str, language: str) -> tuple[str, ...]:
        """The kinds a text mentions, most mentioned first, at most two; none in a language without a table."""
        lowered = text.lower()
        counts = {
            kind: len(_pattern(of_kind[language], language).findall(lowered))
            for kind, of_kind in self.words.items()
            if language in of_kind
        }
        found = sorted((kind for kind, count in counts.items() if count), key=lambda kind: -counts[kind])
        return tuple(found[:AT_MOST])


@cache
def read_surroundings(path: Path = DATA / "ambience.toml") -> Surroundings:
    """Read data/ambience.toml."""
    return Surroundings(read_table(path, dict[str, dict[str, tuple[str, ...]]]))


def in_place(passage: Passage, language: str) -> Passage:
    """The passage with the places its text mentions; unchanged where it knows them already."""
    if passage.ambience:
        return passage
    return replace(passage, ambience=read_surroundings().heard_in(passage.text, language))


def named(ambience: Iterable[str], language: str) -> tuple[str, ...]:
    """Kinds of ambience as captions call them; English where the language has no words of its own."""
    names = _names()
    return tuple(names[kind].get(language, names[kind]["en"]) for kind in ambience if kind in names)


@cache
def _names() -> dict[str, dict[str, str]]:
    return read_table(DATA / "captions.toml", dict[str, dict[str, str]])


def _pattern(words: tuple[str, ...], language: str) -> re.Pattern[str]:
    edge, rest = ("", "") if language in _UNSPACED else (r"\b", r"\w*")
    stems = (re.escape(word.rstrip("*")) + (rest if word.endswith("*") else edge) for word in words)
    return re.compile(edge + "(?:" + "|".join(stems) + ")")
