"""Harm in a wish, by a small head."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from pipeline.forbidding import harmless
from pipeline.places import DATA
from pipeline.words.folding import phrase
from pipeline.words.prompt import Harm

HEAD = DATA / "harm" / "head.npz"
MOST_PIECES = 16
"""Of a long wish as many sentences are read, evenly chosen."""
NEARNESS = 4.0
"""How fast a likeness falls; embeddings lie close together."""
SURE_OF_STORIES = 0.45
"""How sure the head must be of a sentence of a story, of which it learned little, to stop one that is being told."""
_SENTENCES = re.compile(r"(?<=[.!?…])\s+|\n+")
Rows = npt.NDArray[np.floating[Any]]
Kind = TypeVar("Kind", bound=np.floating[Any])


@dataclass(frozen=True)
class HarmHead:
    """How like a wish is to those learned, each of which votes for its kind; and how sure it must be of each kind."""

    learned: Rows
    """(wishes, width): embeddings of length one."""
    votes: Rows
    """(wishes, kinds): what each adds to a wish that is the same, in the order of Harm."""
    least: Rows
    """(kinds,): below this share of the votes nothing is refused; chosen where hardly a harmless wish was."""

    @staticmethod
    def shipped(file: Path = HEAD) -> HarmHead | None:
        """The head in data/; None where it is not there."""
        if not file.is_file():
            return None
        with np.load(file, allow_pickle=False) as kept:
            return HarmHead(*(kept[name].astype(np.float32) for name in ("learned", "votes", "least")))

    def shares(self, rows: Rows) -> Rows:
        """(texts, kinds): about one for a kind that it surely is, about nothing for the others."""
        shares: Rows = likeness(rows, self.learned) @ self.votes
        return shares

    def found(self, rows: Rows, least: float = 0.0) -> frozenset[Harm]:
        """Every kind of harm that any of these texts surely does, and with at least this share."""
        sure = np.asarray((self.shares(rows) >= np.maximum(self.least, least)).any(axis=0)).tolist()
        return frozenset(harm for harm, here in zip(Harm, sure, strict=True) if here and harm is not Harm.HARMLESS)


def likeness(rows: npt.NDArray[Kind], others: npt.NDArray[Kind]) -> npt.NDArray[Kind]:
    """(rows, others): 1 for the same, falling with the square of how far they lie apart."""
    far = (rows * rows).sum(axis=1)[:, None] + (others * others).sum(axis=1) - 2 * rows @ others.T
    like: npt.NDArray[Kind] = np.exp(-NEARNESS * np.maximum(far, 0.0))
    return like


def pieces_of(text: str) -> list[str]:
    """What is read of a wish: its sentences, and all of it where it is short; nothing where it is known as harmless."""
    if not text.strip() or phrase(text) in _harmless():
        return []
    sentences = sentences_of(text)
    if len(sentences) < MOST_PIECES:
        return list(dict.fromkeys([text.strip(), *sentences]))
    return [sentences[round(at)] for at in np.linspace(0, len(sentences) - 1, MOST_PIECES)]


def sentences_of(text: str) -> list[str]:
    """Of more than one word."""
    return [one.strip() for one in _SENTENCES.split(text) if len(one.split()) > 1]


@cache
def _harmless() -> frozenset[str]:
    return frozenset(phrase(one) for one in (*harmless().wishes, *harmless().words))
