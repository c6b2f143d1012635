"""The figure that speaks the tale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache

from PIL import Image

from pipeline.pictures.cutouts import PaperCutter
from pipeline.pictures.paper import drawn, papery, shadowed
from pipeline.pictures.papers import TABLES, Papers
from pipeline.tables import read_table
from pipeline.words.mood import Emotion
from pipeline.words.sound import WordTiming

HALF, CLOSED = "half", "closed"
_BLINKS_EVERY_S, _BLINK_S = 3.7, 0.12


@dataclass(frozen=True)
class _Mouths:
    wide: str
    smile: str
    round: str
    closed: str
    bite: str


@dataclass(frozen=True)
class _Table:
    letters: _Mouths
    bust: str
    open: str
    shut: str
    """Eyes."""
    mouths: dict[str, str]


class StorytellerFigure:
    """Every look of the figure, cut once for a film."""

    def __init__(self, size: int, words: Sequence[WordTiming]) -> None:
        self._words, self._at = words, 0
        self.looks = {
            (mouth, blink): _cut(mouth, size, blink=blink) for mouth in _table().mouths for blink in (False, True)
        }

    def look(self, at_s: float) -> tuple[str, bool]:
        """Return how the mouth stands at this moment, and whether the eyes are shut; asked in order of time."""
        while self._at + 1 < len(self._words) and self._words[self._at + 1].start_s <= at_s:
            self._at += 1
        blink = at_s % _BLINKS_EVERY_S < _BLINK_S
        if not self._words:
            return CLOSED, blink
        return mouth_at(self._words[self._at], at_s), blink


def mouth_at(word: WordTiming, at_s: float) -> str:
    """Return the mouth within a word: its letters share its time."""
    letters = [letter for letter in word.text.lower() if letter.isalpha()]
    if not letters or not word.start_s <= at_s < word.end_s:
        return CLOSED
    share = (at_s - word.start_s) / (word.end_s - word.start_s)
    return _by_letter().get(letters[int(share * len(letters))], HALF)


def _cut(mouth: str, size: int, *, blink: bool) -> Image.Image:
    table = _table()
    figure = f"{table.bust}; {table.shut if blink else table.open}; {table.mouths[mouth]}"
    body = PaperCutter(Papers(Emotion.NEUTRAL, "day"), Emotion.NEUTRAL).cut(figure)
    pad = round(size * 0.08)
    image = drawn(f'<g transform="translate({pad} {pad}) scale({size / 100})">{body}</g>', size + 2 * pad, size + pad)
    return shadowed(papery(image, 1), max(3.0, size * 0.02), 0.5)


@cache
def _by_letter() -> dict[str, str]:
    letters = _table().letters
    return {letter: one.name for one in fields(letters) for letter in getattr(letters, one.name)}


@cache
def _table() -> _Table:
    return read_table(TABLES / "storyteller.toml", _Table)
