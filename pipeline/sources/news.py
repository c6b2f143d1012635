"""Which items of the news are told."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np
import numpy.typing as npt

from pipeline.words.source import Fact, StorySource

Array = npt.NDArray[np.float32]
ALIKE = 0.5
"""Likeness, of meaning and of words together, from which two items tell the same."""
_AROUND_MEANING = 0.8
"""Cosine of the embedder's rows for texts that have nothing in common but being news, roughly."""
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
    groups: list[list[int]] = []
    for at in range(len(texts)):
        near = [(alike(words, rows, at, group[0]), group) for group in groups]
        best = max(near, key=lambda one: one[0], default=(0.0, []))
        if best[0] >= ALIKE:
            best[1].append(at)
        else:
            groups.append([at])
    return groups


def alike(words: Sequence[frozenset[str]], rows: Array | None, one: int, other: int) -> float:
    """0..1: how sure it is that two items tell the same."""
    shared = len(words[one] & words[other]) / (min(len(words[one]), len(words[other])) or 1)
    if rows is None:
        return shared * 0.8
    meaning = (float(rows[one] @ rows[other]) - _AROUND_MEANING) / (1 - _AROUND_MEANING)
    return max(0.0, meaning) * 0.7 + shared * 0.3


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
