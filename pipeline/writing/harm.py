"""Harm in a wish, by a small head."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.forbidding import harmless
from pipeline.places import DATA
from pipeline.words.folding import phrase
from pipeline.words.harm import Harm

HEAD = DATA / "harm" / "head.npz"
MOST_PIECES = 6
_SENTENCES = re.compile(r"(?<=[.!?…])\s+|\n+")
Rows = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class HarmHead:
    """A logistic regression on a wish's embedding, and how sure it must be of each kind."""

    centre: Rows
    weights: Rows
    """(width + 1, kinds): the last row is the bias; kinds in the order of Harm."""
    least: Rows
    """(kinds,): below this chance nothing is refused; chosen where hardly a harmless wish was."""

    @staticmethod
    def shipped(file: Path = HEAD) -> HarmHead | None:
        """The head in data/; None where it is not there."""
        if not file.is_file():
            return None
        with np.load(file, allow_pickle=False) as kept:
            return HarmHead(*(kept[name].astype(np.float32) for name in ("centre", "weights", "least")))

    def chances(self, rows: Rows) -> Rows:
        """(texts, kinds): each row sums to one."""
        odds = (rows - self.centre) @ self.weights[:-1] + self.weights[-1]
        powers = np.exp(odds - odds.max(axis=1, keepdims=True))
        chances: Rows = powers / powers.sum(axis=1, keepdims=True)
        return chances

    def found(self, rows: Rows) -> frozenset[Harm]:
        """Every kind of harm that any of these texts surely does."""
        sure = np.asarray((self.chances(rows) >= self.least).any(axis=0)).tolist()
        return frozenset(harm for harm, here in zip(Harm, sure, strict=True) if here and harm is not Harm.HARMLESS)


def pieces_of(text: str) -> list[str]:
    """What is read of a wish: all of it, and its sentences; nothing where it is known to be harmless."""
    if phrase(text) in _harmless():
        return []
    sentences = [one.strip() for one in _SENTENCES.split(text) if len(one.split()) > 1]
    return list(dict.fromkeys([text.strip(), *sentences]))[:MOST_PIECES] if text.strip() else []


@cache
def _harmless() -> frozenset[str]:
    return frozenset(phrase(one) for one in (*harmless().wishes, *harmless().words))
