"""Passages told in fewer words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pipeline.words.story import NARRATOR, Line, Passage
from pipeline.writing.tongue import count_words, words_in
from pipeline.writing.verbatim import OPENERS, SENTENCE

SHARE = 0.7
"""Of its words, how many a shortened stretch may keep at most."""
MOST_MISSED = 1
"""Words of a sentence that later ones need, and no earlier one says: with more of them it stays."""
_LEAST_LETTERS = 4
"""Shorter words are seldom what a later sentence needs."""
_APART = re.compile(r"(?<=\w);\s+|\s+[—–]\s+")
"""Where a sentence may end as well: what follows stands by itself."""
_LEAST_WORDS = 4


@dataclass(frozen=True)
class _Sentence:
    """One sentence with its place."""

    passage: int
    text: str


def shortened(passages: Sequence[Passage], first: int, last: int) -> tuple[Passage, ...]:
    """Return the passages from first to last in fewer words, by leaving out what the tale needs least.

    Nothing that somebody says is left out, nor the sentence before it; unchanged where nothing can go.
    """
    stretch = passages[first : last + 1]
    before = _needed(one.text for one in passages[:first])
    after = " ".join(one.text for one in passages[last + 1 :])
    sentences = [_Sentence(at, found.strip()) for at, one in enumerate(stretch) for found in SENTENCE.findall(one.text)]
    kept = _left(sentences, before, after)
    if len(kept) == len(sentences):
        return _cut(stretch)
    return tuple(
        _without(one, at, sentences, kept) for at, one in enumerate(stretch) if any(s.passage == at for s in kept)
    )


def _left(sentences: list[_Sentence], before: set[str], after: str) -> list[_Sentence]:
    """Leave out sentence by sentence what is missed least, until it is short enough."""
    kept = list(sentences)
    most = SHARE * sum(count_words(one.text) for one in sentences)
    while sum(count_words(one.text) for one in kept) > most:
        found = [
            (_missed(kept, at, before, after), -len(one.text), at) for at, one in enumerate(kept) if _may_go(kept, at)
        ]
        if not found or min(found)[0] > MOST_MISSED:
            return kept
        del kept[min(found)[2]]
    return kept


def _may_go(kept: Sequence[_Sentence], at: int) -> bool:
    inside = 0 < at < len(kept) - 1 or (at == len(kept) - 1 and len(kept) == 2)
    speaks = any(char in kept[near].text for near in (at, at + 1) if near < len(kept) for char in OPENERS)
    return inside and not speaks


def _missed(kept: Sequence[_Sentence], at: int, before: set[str], after: str) -> int:
    """Count words that only this sentence brings in and a later one names."""
    known = before | _needed(one.text for one in kept[:at])
    later = _needed([*(one.text for one in kept[at + 1 :]), after])
    return len((_needed([kept[at].text]) - known) & later)


def _needed(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in words_in(text) if len(word) >= _LEAST_LETTERS}


def _without(passage: Passage, at: int, sentences: Sequence[_Sentence], kept: Sequence[_Sentence]) -> Passage:
    mine = [one.text for one in kept if one.passage == at]
    gone = [one.text for one in sentences if one.passage == at and one not in kept]
    return replace(passage, text=" ".join(mine), lines=_lines(passage.lines, gone))


def _lines(lines: tuple[Line, ...], gone: Sequence[str]) -> tuple[Line, ...]:
    for text in gone:
        lines = tuple(
            replace(one, text=" ".join(one.text.replace(text, " ").split())) if one.speaker == NARRATOR else one
            for one in lines
        )
    return tuple(one for one in lines if any(char.isalnum() for char in one.text))


def _cut(stretch: Sequence[Passage]) -> tuple[Passage, ...]:
    """End the longest sentence where it may end as well."""
    for at, one in sorted(enumerate(stretch), key=lambda pair: -len(pair[1].text)):
        found = _APART.search(one.text)
        if found is None or len(one.lines) != 1 or count_words(one.text[: found.start()]) < _LEAST_WORDS:
            continue
        text = one.text[: found.start()] + "."
        short = replace(one, text=text, lines=(replace(one.lines[0], text=text),))
        return (*stretch[:at], short, *stretch[at + 1 :])
    return tuple(stretch)
