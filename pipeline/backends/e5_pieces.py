"""Sentences cut into word pieces."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from pipeline.backends.e5_file import Pieces

SPACE = "\u2581"
_NEVER = -1e30


@dataclass
class _Way:
    """The best cut up to one character."""

    score: float = _NEVER
    piece: int = 0
    start: int = 0


class Cutter:
    """The likeliest cut under a unigram vocabulary, as the model was taught."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._scores: list[float] = pieces.scores.tolist()
        self._numbers = _numbers(pieces)
        self._longest = max(map(len, self._numbers))
        self._unknown_score = min(self._scores) - 10.0

    def __call__(self, text: str) -> list[int]:
        """Numbers of the pieces, without the marks of beginning and end."""
        written = "".join(self._pieces.normal.get(letter, letter) for letter in text)
        written = SPACE + re.sub(" {2,}", " ", written).removeprefix(" ").replace(" ", SPACE)
        ways = [_Way(0.0), *(_Way() for _ in written)]
        for start in range(len(written)):
            self._onward(written, start, ways[start].score, ways)
        return self._back(ways)

    def _onward(self, written: str, start: int, score: float, ways: list[_Way]) -> None:
        unknown = ways[start + 1]
        if score + self._unknown_score > unknown.score:
            unknown.score, unknown.piece, unknown.start = score + self._unknown_score, self._pieces.unknown, start
        for end in range(start + 1, min(len(written), start + self._longest) + 1):
            number = self._numbers.get(written[start:end])
            if number is not None and score + self._scores[number] > ways[end].score:
                ways[end] = _Way(score + self._scores[number], number, start)

    def _back(self, ways: list[_Way]) -> list[int]:
        numbers, at = [], len(ways) - 1
        while at > 0:
            numbers.append(ways[at].piece)
            at = ways[at].start
        return numbers[::-1]


def _numbers(pieces: Pieces) -> dict[str, int]:
    edges = pieces.offsets.tolist()
    texts = (pieces.blob[start:end].decode(errors="surrogateescape") for start, end in pairwise(edges))
    numbers = {text: number for number, text in enumerate(texts) if text}
    return {text: number for text, number in numbers.items() if number != pieces.unknown}
