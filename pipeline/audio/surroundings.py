"""Places and rooms a text mentions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from pipeline.audio.room import ROOMS
from pipeline.tables import FALLBACK, by_key, by_language
from pipeline.words.story import Passage

AT_MOST = 2


@dataclass(frozen=True)
class _Sounds:
    """Of a file data/languages/<code>/sounds.toml."""

    inside_words: bool = False
    ambience: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rooms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    captions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Surroundings:
    """Words that bring an ambience or a room: by kind, then by language."""

    words: dict[str, dict[str, tuple[str, ...]]]
    rooms: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    inside_words: frozenset[str] = frozenset()
    """Languages whose words are found inside others too, since nothing tells where one ends."""

    def heard_in(self, text: str, language: str) -> tuple[str, ...]:
        """The kinds a text mentions, most mentioned first, at most two; none in a language without a table."""
        counts = self._counted(self.words, text, language)
        return tuple(sorted(counts, key=lambda kind: -counts[kind])[:AT_MOST])

    def room_in(self, text: str, language: str) -> str:
        """The most telling room that a text mentions; empty where it mentions none."""
        told = {**self._counted(self.words, text, language), **self._counted(self.rooms, text, language)}
        return next((name for name in ROOMS if name in told), "")

    def _counted(self, table: Mapping[str, Mapping[str, tuple[str, ...]]], text: str, language: str) -> dict[str, int]:
        lowered, inside_words = text.lower(), language in self.inside_words
        counts = {
            kind: len(_pattern(of_kind[language], inside_words=inside_words).findall(lowered))
            for kind, of_kind in table.items()
            if language in of_kind
        }
        return {kind: count for kind, count in counts.items() if count}


@cache
def read_surroundings() -> Surroundings:
    """Read the places of all languages."""
    tables = by_language("sounds", _Sounds)
    inside_words = frozenset(code for code, one in tables.items() if one.inside_words)
    places, rooms = ({code: getattr(one, name) for code, one in tables.items()} for name in ("ambience", "rooms"))
    return Surroundings(by_key(places), by_key(rooms), inside_words)


def in_place(passage: Passage, language: str, before: Passage | None = None) -> Passage:
    """The passage with what its text mentions, in the room of `before` where its scene goes on; kept if known."""
    if passage.ambience or passage.room:
        return passage
    table = read_surroundings()
    heard, room = table.heard_in(passage.text, language), table.room_in(passage.text, language)
    if not room and before is not None and before.scene == passage.scene:
        room = before.room
    return replace(passage, ambience=heard, room=room)


def named(ambience: Iterable[str], language: str) -> tuple[str, ...]:
    """Kinds of ambience as captions call them; English where the language has no words of its own."""
    names = _names()
    return tuple(names[kind].get(language, names[kind][FALLBACK]) for kind in ambience if kind in names)


@cache
def _names() -> dict[str, dict[str, str]]:
    return by_key({code: one.captions for code, one in by_language("sounds", _Sounds).items()})


@cache
def _pattern(words: tuple[str, ...], *, inside_words: bool) -> re.Pattern[str]:
    edge, rest = ("", "") if inside_words else (r"\b", r"\w*")
    stems = (re.escape(word.rstrip("*")) + (rest if word.endswith("*") else edge) for word in words)
    return re.compile(edge + "(?:" + "|".join(stems) + ")")
