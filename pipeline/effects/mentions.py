"""What happens in a tale's words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from pipeline.tables import by_language, lists

GAP, MOST_GAP = "..", 3
"""Stands in a pattern for up to so many words; what two parts of an effect's pattern say may come in either order."""
_OR = "|"
_SENTENCE_ENDS, _CLAUSE_ENDS = (".", "!", "?", "…"), (",", ";", ":", "—", "–")
_QUESTION = "?"
_CLOSERS = "\"'”’»)*_"
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*['’]?")
_BEHIND = 2
"""How many words after it may still say that it did not happen."""

Pattern = tuple[tuple[str, ...], ...]
"""Word by word, with its alternatives."""


@dataclass(frozen=True)
class Mention:
    """Words that say that something is heard."""

    kind: str
    first: int
    last: int
    """Of the words, counting from 0; both belong to it."""


@dataclass(frozen=True)
class FrameEffects:
    """What words bring an effect in one frame, before all others."""

    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By effect."""
    figures: tuple[str, ...] = ()
    """What only sounds like one: `rang a bell`."""


@dataclass(frozen=True)
class EffectWords(FrameEffects):
    """The same in one language: data/languages/<code>/effects.toml."""

    unreal: tuple[str, ...] = ()
    """Words before it in its clause by which it did not happen: `no`, `as if`, `wished`."""
    unreal_behind: tuple[str, ...] = ()
    """The same, right behind it: `klopfte nicht`."""
    joins: tuple[str, ...] = ()
    """Words at which another clause begins."""
    frames: dict[str, FrameEffects] = field(default_factory=dict)


@cache
def effect_words() -> dict[str, EffectWords]:
    """Read the effects' words of all languages."""
    return by_language("effects", EffectWords)


def mentions(words: Sequence[str], language: str, frame: str = "") -> list[Mention]:
    """All that is heard to happen in these words, in order; a frame's own table comes before the language's."""
    common = effect_words().get(language)
    if common is None:
        return []
    own = common.frames.get(frame, FrameEffects())
    forms = [_forms(word) for word in words]
    silent = [one for table in (own, common) for one in _matches({"": table.figures}, forms, words)]
    found: list[Mention] = []
    for table in (own, common):
        for one in _matches(table.words, forms, words):
            if any(_meet(one, other) for other in (*found, *silent)):
                continue
            if not _parted(one, common, forms) and not _unreal(one, common, forms, words):
                found.append(one)
    return sorted(found, key=lambda one: one.first)


def _matches(table: Mapping[str, Sequence[str]], forms: Sequence[set[str]], words: Sequence[str]) -> list[Mention]:
    """Every place where a pattern lies, the longest first."""
    found = [
        Mention(kind, at, last)
        for kind, patterns in table.items()
        for pattern in (one for each in patterns for one in _parsed(each, turned=bool(kind)))
        for at in range(len(words))
        if (last := _end(pattern, forms, words, at)) is not None
    ]
    return sorted(found, key=lambda one: (one.first - one.last, one.first))


@cache
def _parsed(pattern: str, *, turned: bool) -> tuple[Pattern, ...]:
    tokens = tuple(tuple(token.split(_OR)) for token in pattern.split())
    if not turned or tokens.count((GAP,)) != 1:
        return (tokens,)
    middle = tokens.index((GAP,))
    return tokens, (*tokens[middle + 1 :], (GAP,), *tokens[:middle])


def _end(pattern: Pattern, forms: Sequence[set[str]], words: Sequence[str], at: int) -> int | None:
    """The last word of the pattern that begins here, within one clause; None where it does not."""
    if not pattern:
        return at - 1
    if pattern[0] == (GAP,):
        reach = min(MOST_GAP, _clause_end(at, words) - at)
        ends = (_end(pattern[1:], forms, words, at + more) for more in range(reach + 1))
        return next((end for end in ends if end is not None), None)
    if at >= len(words) or not any(lists(alternative, forms[at]) for alternative in pattern[0]):
        return None
    if len(pattern) > 1 and _ends_clause(words[at]):
        return None
    return _end(pattern[1:], forms, words, at + 1)


def _forms(word: str) -> set[str]:
    """The word in small letters, whole and without what is elided before it: `l'horloge`, `horloge`, `l`."""
    found = _WORD.search(word.lower().replace("’", "'"))
    if found is None:
        return {""}
    return {found[0], *found[0].split("'"), *found[0].split("-")} - {""}


def _parted(one: Mention, table: EffectWords, forms: Sequence[set[str]]) -> bool:
    """Whether another clause begins amid its words."""
    return any(lists(word, each) for each in forms[one.first + 1 : one.last] for word in table.joins)


def _unreal(one: Mention, table: EffectWords, forms: Sequence[set[str]], words: Sequence[str]) -> bool:
    """Whether its clause says that it did not happen, or only asks."""
    clause = forms[_clause_start(one.first, table, forms, words) : one.last + 1]
    behind = forms[one.last + 1 : min(_clause_end(one.last, words), one.last + _BEHIND) + 1]
    if any(lists(word, each) for each in clause for word in table.unreal):
        return True
    if any(lists(word, each) for each in behind for word in table.unreal_behind):
        return True
    last = next((word for word in words[one.last :] if _closes(word, _SENTENCE_ENDS)), "")
    return last.rstrip(_CLOSERS).endswith(_QUESTION)


def _clause_start(first: int, table: EffectWords, forms: Sequence[set[str]], words: Sequence[str]) -> int:
    at = first
    while at and not _ends_clause(words[at - 1]) and not any(lists(word, forms[at - 1]) for word in table.joins):
        at -= 1
    return at


def _clause_end(last: int, words: Sequence[str]) -> int:
    return next((at for at in range(last, len(words)) if _ends_clause(words[at])), len(words) - 1)


def _ends_clause(word: str) -> bool:
    return _closes(word, (*_SENTENCE_ENDS, *_CLAUSE_ENDS))


def _closes(word: str, marks: tuple[str, ...]) -> bool:
    return word.rstrip(_CLOSERS).endswith(marks)


def _meet(one: Mention, other: Mention) -> bool:
    return one.first <= other.last and other.first <= one.last
