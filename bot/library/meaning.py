"""Ranks tales by meaning and by words."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bot.library.rows import folded

WIDTH = 384
"""Numbers of one place, 8 bits each."""
WISH = -1
"""The place of a tale's wish and title, which is no scene."""
PER_SCENE = 1_000
"""Places of one scene: the whole of it first, then stretches of a few sentences."""
STRETCH, STEP = 3, 2
"""Sentences of a stretch, and between the starts of two."""
WORDS_WEIGH, MOST_BY_WORDS = 1.0, 4.0
"""Of the words that a question shares with a tale, against its meaning; one rare word by chance must not decide."""
_LETTERS, _LEAST = 5, 3  # a word counts by its beginning, so that `storm` finds storms
_K1, _B = 1.2, 0.75  # as BM25 is usually set
_SENTENCES = re.compile(r"(?<=[.!?…。！？])[\"'»”’)\]]*\s+|\n+")
Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Found:
    """A tale that answers a question, and its scene that does so best."""

    tale: str
    scene: int
    score: float


def parts_of(wish: str, title: str, scenes: Sequence[str]) -> list[tuple[int, str]]:
    """Return what of a tale is placed by its meaning: (place, text)."""
    parts = [(WISH, f"{title}. {wish}".strip(". ") or title)]
    for at, scene in enumerate(scenes):
        sentences = [one.strip() for one in _SENTENCES.split(scene) if one.strip()]
        starts = range(0, max(1, len(sentences) - 1), STEP) if len(sentences) > STRETCH else ()
        stretches = (" ".join(sentences[start : start + STRETCH]) for start in starts)
        parts += [(at * PER_SCENE, scene), *((at * PER_SCENE + 1 + nth, text) for nth, text in enumerate(stretches))]
    return [(place, text) for place, text in parts if text.strip()]


@dataclass
class MeaningIndex:
    """Places and words of many tales, in memory; tales come and go one by one."""

    _places: dict[str, tuple[tuple[int, ...], Array]] = field(default_factory=dict)
    _words: dict[str, Counter[str]] = field(default_factory=dict)
    _tales: list[str] = field(default_factory=list)
    _rows: Array = field(default_factory=lambda: np.zeros((0, WIDTH), np.float32))
    _owners: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    _at: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    _holding: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    _lengths: Array = field(default_factory=lambda: np.zeros(0, np.float32))

    @property
    def tales(self) -> Collection[str]:
        """Ids of all that are in it."""
        return self._words.keys()

    def placed(self, tale: str) -> bool:
        """Whether a tale has places: without, it is found by its words."""
        return bool(self._places.get(tale, ((),))[0])

    def update(self, gone: Iterable[str], come: Mapping[str, tuple[Sequence[tuple[int, bytes]], str]]) -> None:
        """Take tales out, and others in with their places and their text."""
        for tale in gone:
            self._places.pop(tale, None)
            self._words.pop(tale, None)
        for tale, (places, text) in come.items():
            rows = np.array([np.frombuffer(place, np.int8) for _, place in places], np.float32).reshape(-1, WIDTH)
            self._places[tale] = (tuple(at for at, _ in places), _even(rows))
            self._words[tale] = Counter(_tokens(text))
        self._settle()

    def ranked(self, question: bytes | None, words: str, seen: Collection[str]) -> list[Found]:
        """Return the tales of `seen` by how well they answer, the best first; without a question, by words alone."""
        by_words = self._by_words(words)
        if question is None:
            found = [Found(tale, 0, by_words[nth]) for nth, tale in enumerate(self._tales) if by_words[nth] > 0]
            return sorted((one for one in found if one.tale in seen), key=lambda one: -one.score)
        asked = _even(np.frombuffer(question, np.int8).astype(np.float32)[None, :])[0]
        meant, scenes = self._by_meaning(self._rows @ asked)
        scores = _spread(meant) + WORDS_WEIGH * np.minimum(_spread(by_words), MOST_BY_WORDS)
        order = np.argsort(-scores)
        tales = ((self._tales[nth], int(scenes[nth]), float(scores[nth])) for nth in order)
        return [Found(*one) for one in tales if one[0] in seen]

    def centre(self, tale: str) -> Array | None:
        """Return where a whole tale lies; None where it has no place."""
        _, rows = self._places.get(tale, ((), self._rows[:0]))
        return _even(rows.mean(axis=0, keepdims=True))[0] if len(rows) else None

    def _by_meaning(self, likeness: Array) -> tuple[Array, npt.NDArray[np.int64]]:
        """Return for each tale how near wish, best scene and best stretch are, and which scene is nearest."""
        count = len(self._tales)
        whole, scenes = np.zeros(count, np.float32), np.zeros(count, np.int64)
        sizes = np.bincount(self._owners, minlength=count)
        placed = np.flatnonzero(sizes)
        if not len(placed):
            return whole, scenes
        starts = (np.cumsum(sizes) - sizes)[placed]
        told = self._at >= 0
        for kind in (self._at == WISH, told & (self._at % PER_SCENE == 0), told):
            whole[placed] += np.maximum.reduceat(np.where(kind, likeness, np.float32(-1)), starts)
        whole[sizes == 0] = whole[placed].mean()  # no better and no worse than any: their words decide
        best = np.zeros(count, np.float32)
        best[placed] = np.maximum.reduceat(np.where(told, likeness, np.float32(-2)), starts)
        nearest = np.flatnonzero(told & (likeness == best[self._owners]))
        owners, first = np.unique(self._owners[nearest], return_index=True)
        scenes[owners] = self._at[nearest[first]] // PER_SCENE
        return whole, scenes

    def _by_words(self, words: str) -> Array:
        """Return BM25 of each tale."""
        count = len(self._tales)
        scores = np.zeros(count, np.float32)
        lengths = self._lengths
        for word in set(_tokens(words)):
            holding = self._holding.get(word, [])
            weight = math.log(1 + (count - len(holding) + 0.5) / (len(holding) + 0.5))
            for nth, times in holding:
                scores[nth] += weight * times * (_K1 + 1) / (times + _K1 * (1 - _B + _B * lengths[nth]))
        return scores

    def _settle(self) -> None:
        self._tales = [*self._words]
        rows = [self._places[tale] for tale in self._tales]
        self._rows = np.concatenate([self._rows[:0], *(one for _, one in rows)])
        self._at = np.array([at for ats, _ in rows for at in ats], np.int64)
        self._owners = np.repeat(np.arange(len(rows)), [len(ats) for ats, _ in rows])
        lengths = np.array([sum(self._words[tale].values()) for tale in self._tales], np.float32)
        self._lengths = lengths / max(1.0, float(lengths.mean())) if len(lengths) else lengths
        self._holding = {}
        for nth, tale in enumerate(self._tales):
            for word, times in self._words[tale].items():
                self._holding.setdefault(word, []).append((nth, times))


def _tokens(text: str) -> Iterator[str]:
    return (word[:_LETTERS] for word in re.findall(r"[^\W\d_]+", folded(text)) if len(word) >= _LEAST)


def _even(rows: Array) -> Array:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(length, 1e-9), np.float32)


def _spread(scores: Array) -> Array:
    """Return scores by how far they stand out, so that meaning and words can be added."""
    return np.asarray((scores - scores.mean()) / (scores.std() + 1e-6), np.float32) if len(scores) else scores
