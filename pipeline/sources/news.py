"""Which items of the news are told."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np
import numpy.typing as npt

from pipeline.words.source import Fact, StorySource

Array = npt.NDArray[np.float32]
_ALIKE = 0.895
"""Cosine of two items' rows from which they may tell the same; the rows of any two texts are not far off."""
_SHARED_MARKS, _SHARED_WORDS = 0.55, -0.4
"""Of the names and numbers of the item that has fewer: what both have, less what speaks against it."""
_CAPITAL, _DIGITS = re.compile(r"[^\Wa-zß-öø-ÿ\d_][^\W\d_]+"), re.compile(r"\d+")
_INSIDE = re.compile(rf"(?<=[^.!?:“\"\s]\s){_CAPITAL.pattern}")
_AROUND_MEANING = 0.8
_SENTENCES = 3
"""Told of one item at most, its title among them."""
_LIKED, _TOLD_OFTEN, _NEW = 1.0, 0.3, 0.2
"""Weights of what an item is ranked by: what the server liked, how many feeds tell it, how early it stands."""


def chosen_items(source: StorySource, words: int, embed: Callable[[list[str]], Array | None]) -> StorySource:
    """The news without what it tells twice, as many items as the length takes, the likeliest to be welcome first."""
    items = [list(facts) for _, facts in groupby(source.facts, lambda fact: fact.part)]
    texts = [" ".join(fact.text for fact in item[:2]) for item in items]
    rows = embed([*texts, *source.liked])
    groups = groups_of(texts, None if rows is None else rows[: len(texts)])
    order = sorted(groups, key=lambda group: -_rank(group, len(items), rows))
    told: list[Fact] = []
    for group in order:
        item = items[group[0]][:_SENTENCES]
        room = words - sum(len(fact.text.split()) for fact in told)
        fitting = [fact for at, fact in enumerate(item) if sum(len(one.text.split()) for one in item[: at + 1]) <= room]
        if fitting or not told:
            told += [replace(fact, part=len(told)) for fact in (fitting or item[:1])][:1]
            told += [replace(fact, part=told[-1].part) for fact in fitting[1:]]
    return replace(source, facts=tuple(told))


def groups_of(texts: Sequence[str], rows: Array | None) -> list[list[int]]:
    """Items that tell the same together, each group by its first; of words alone where nothing reads their meaning."""
    words = [_words(text) for text in texts]
    named = frozenset[str]().union(*(frozenset(_INSIDE.findall(text)) for text in texts))
    # What begins a sentence is a name only where it stands inside another one too.
    marks = [frozenset(_CAPITAL.findall(text)) & named | frozenset(_DIGITS.findall(text)) for text in texts]
    often = Counter(mark for own in marks for mark in own)
    rare = {mark: math.log(1 + len(texts) / times) for mark, times in often.items()}
    plain = dict.fromkeys((word for own in words for word in own), 1.0)

    def same(one: int, other: int) -> bool:
        if rows is None:
            near = _shared(words[one], words[other], plain) >= _SHARED_WORDS
        else:
            near = float(rows[one] @ rows[other]) >= _ALIKE
        # Two towns may each open a bridge: the same words, other names.
        return near and _shared(marks[one], marks[other], rare) >= _SHARED_MARKS

    groups: list[list[int]] = []
    for at in range(len(texts)):
        group = next((group for group in groups if any(same(at, other) for other in group)), None)
        if group is None:
            groups.append([at])
        else:
            group.append(at)
    return groups


def _shared(one: frozenset[str], other: frozenset[str], weights: Mapping[str, float]) -> float:
    """How much of the one that has less stands in both, less what each has against the other."""
    mine, theirs, both = (sum(weights[mark] for mark in marks) for marks in (one, other, one & other))
    least = min(mine, theirs)
    against = min(mine - both, theirs - both)
    return (both - against) / least if least else float(one == other)


def _rank(group: Sequence[int], among: int, rows: Array | None) -> float:
    early = _NEW * (1 - group[0] / among)
    often = _TOLD_OFTEN * min(len(group) - 1, 3)
    if rows is None or len(rows) == among:
        return early + often
    nearest = float((rows[group[0]] @ rows[among:].T).max())
    return early + often + _LIKED * max(0.0, nearest - _AROUND_MEANING) / (1 - _AROUND_MEANING)


def _words(text: str) -> frozenset[str]:
    """Its longer words and its numbers, without their last letters, which change with the grammar."""
    return frozenset(word[:6] for word in re.findall(r"[^\W\d_]{4,}|\d+", text.lower()))
