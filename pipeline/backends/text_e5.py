"""Feeling in words, by multilingual-e5-small."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from pipeline.backends.e5.file import Array, E5File
from pipeline.backends.e5.layers import E5
from pipeline.cancelled import Cancelled
from pipeline.errors import Missing
from pipeline.places import DATA
from pipeline.words.mood import Emotion, Mood

HEAD = DATA / "mood" / "text_head.npz"
ADAPTERS = DATA / "mood" / "text_adapters.npz"
PARTS = ("centre", "turn", "learned", "votes", "remarks", "remark")
LANGUAGES = frozenset({"en", "pt", "es", "fr"})
MOST_SENTENCES = 48
"""Most sentences that are read; of a longer text they are evenly chosen."""
LEAST_LETTERS, LEAST_LETTER_SHARE, MOST_CODE_SHARE = 3, 0.55, 0.09
UNSURE = 0.15
"""Certainty of a reading that is none."""
Kind = TypeVar("Kind", bound=np.floating[Any])
_SENTENCES = re.compile(r"(?<=[.!?…。！？])[\"'»”’)\]]*\s+|\n+")
_CODE = frozenset("{}[]<>=;_/\\|#*$@^~`")


def open_backend(weights: Mapping[str, Path], threads: int) -> E5Reader:  # noqa: ARG001 - numpy's threads are the process's
    """Open the packed e5 with our adapters and head."""
    return E5Reader(E5File(weights["model.bin"]), TextHead.shipped(), read_adapters())


@dataclass(frozen=True)
class TextHead:
    """Reads the mean of some layers: by likeness to learned sentences, and by a regression for remarks."""

    after: tuple[int, ...]
    """The layers it looks at, counted from 1."""
    centre: Array
    turn: Array
    """(width, kept): the directions in which told sentences differ, scaled so that likeness falls by e^-(d*d)."""
    learned: Array
    """(sentences, kept): the told sentences it learned, turned so."""
    votes: Array
    """(sentences, 7): what each of them says, in the order of Emotion."""
    remarks: Array
    """(width + 1, 7): a logistic regression learned from what people write to each other."""
    remark: Array
    """(width + 1,): the odds that a sentence is a remark."""
    temperature: float
    """What the odds are divided by, so that a certainty is a chance."""

    @staticmethod
    def shipped(file: Path = HEAD) -> TextHead:
        """Read the head in data/; raises Missing `text_head_missing`."""
        if not file.is_file():
            raise Missing("text_head_missing", file=str(file))
        with np.load(file, allow_pickle=False) as kept:
            after = tuple(int(number) for number in kept["after"])
            centre, turn, learned, votes, remarks, remark = (kept[name].astype(np.float32) for name in PARTS)
            return TextHead(after, centre, turn, learned, votes, remarks, remark, float(kept["temperature"]))

    def shares(self, means: Array) -> Array:
        """Return (texts, 7); each row sums to one."""
        rows = np.hstack([means - self.centre, np.ones((len(means), 1), np.float32)])
        told = _shares_of(likeness(rows[:, :-1] @ self.turn, self.learned) @ self.votes / self.temperature)
        said = _shares_of(rows @ self.remarks)
        trusted = 1.0 / (1.0 + np.exp(-np.clip(rows @ self.remark, -30.0, 30.0)))
        shares: Array = told + trusted[:, None] * (said - told)
        return shares


def likeness(rows: npt.NDArray[Kind], others: npt.NDArray[Kind]) -> npt.NDArray[Kind]:
    """Return (rows, others): 1 for the same, falling with the square of their distance."""
    far = (rows * rows).sum(axis=1)[:, None] + (others * others).sum(axis=1) - 2 * rows @ others.T
    like: npt.NDArray[Kind] = np.exp(-np.maximum(far, 0.0))
    return like


class E5Reader:
    """Reads sentence by sentence; its brake is between two layers."""

    languages = LANGUAGES

    def __init__(self, file: E5File, head: TextHead, adapters: Mapping[str, Array]) -> None:
        self._file = file
        self._head = head
        self._adapted = E5(file, adapters)
        self._plain: E5 | None = None

    def read(self, texts: Sequence[str], language: str, check: Cancelled) -> list[Mood]:
        """Read each text; neutral and uncertain where nothing can be read, or in a language that was not measured."""
        return [self._mood(text, language, check) for text in texts]

    def embed(self, texts: Sequence[str]) -> Array:
        """Embed by the model without our adapters."""
        self._plain = self._plain or E5(self._file, {}, below=self._adapted)
        return self._plain.means(texts, _never)

    def close(self) -> None:
        self._plain = None

    def _mood(self, text: str, language: str, check: Cancelled) -> Mood:
        sentences = sentences_of(text)
        if not sentences or language not in LANGUAGES:
            return Mood.of({Emotion.NEUTRAL: 1.0}, certainty=UNSURE)
        shares = self._head.shares(self._adapted.means(sentences, check, self._head.after))
        told = _together(shares, sentences)
        return Mood.of(dict(zip(Emotion, told, strict=True)), certainty=max(told))


def sentences_of(text: str) -> list[str]:
    """Return the legible sentences, at most so many, evenly chosen."""
    legible = [one.strip() for one in _SENTENCES.split(text) if one and _legible(one)]
    if len(legible) <= MOST_SENTENCES:
        return legible
    return [legible[round(at)] for at in np.linspace(0, len(legible) - 1, MOST_SENTENCES)]


def read_adapters(file: Path = ADAPTERS) -> dict[str, Array]:
    """Read what is added to the weights, each the product of two thin matrices; none where the file is missing."""
    if not file.is_file():
        return {}
    with np.load(file, allow_pickle=False) as kept:
        names = {name.rsplit(".", 1)[0] for name in kept.files}
        return {name: kept[f"{name}.out"].astype(np.float32) @ kept[f"{name}.in"].astype(np.float32) for name in names}


def _legible(sentence: str) -> bool:
    """Whether a text is words: not emoji, figures or code."""
    signs = [sign for sign in sentence if not sign.isspace()]
    letters = sum(sign.isalpha() for sign in signs)
    code = sum(sign in _CODE for sign in signs)
    worded = letters >= max(LEAST_LETTERS, LEAST_LETTER_SHARE * len(signs))
    return worded and code <= MOST_CODE_SHARE * len(signs)


def _together(shares: Array, sentences: Sequence[str]) -> list[float]:
    """Join sentences into one reading: longer and less neutral ones weigh more."""
    neutral = shares[:, list(Emotion).index(Emotion.NEUTRAL)]
    weights = np.sqrt([len(sentence.split()) for sentence in sentences]) * (1.25 - neutral)
    mixed: list[float] = np.average(shares, axis=0, weights=weights).tolist()
    return mixed


def _shares_of(odds: Array) -> Array:
    powers: Array = np.exp(odds - odds.max(axis=1, keepdims=True))
    shares: Array = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _never() -> None:
    return
