"""Asked length, met by what was really written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.writing.choices import OPENING_WORDS
from pipeline.writing.starters import Starter

PASSAGE_WORDS = 21
"""Under eight seconds of speech."""
OWN_WORDS = 9.5
"""What the model adds to a starter before anything was measured."""
LEAST_OWN, MOST_OWN = 7, 15
SLACK = 0.05
"""Of the asked length: how far a beat may run over its place."""


@dataclass(frozen=True)
class Pace:
    """Where the tale stands."""

    asked: int
    written: int = 0
    """Words so far."""
    own: int = 0
    """Of them the model's."""
    blanks: int = 0
    """How often it was asked."""

    @property
    def expected(self) -> float:
        """Words the model will add to the next starter."""
        return (OWN_WORDS * 3 + self.own) / (3 + self.blanks)

    def after(self, words: int, own: int) -> Pace:
        return Pace(self.asked, self.written + words, self.own + own, self.blanks + 1)


def next_slot(starters: Sequence[Starter], at: int, until: int, pace: Pace) -> int | None:
    """The next starter of the beat that has room before the beat should end at `until` words; None to close it."""
    for index in range(at, len(starters)):
        if starters[index].must or _fits(starters, index, until, pace):
            return index
    return None


def most_own(starters: Sequence[Starter], index: int, until: int, pace: Pace, last_beat: bool) -> int:
    """How many words the model may add here."""
    starter = starters[index]
    if starter.slot == "opening":
        return max(0, OPENING_WORDS - starter.words)
    slack = 0 if last_beat else SLACK * pace.asked
    room = until + slack - pace.written - _musts_after(starters, index, pace) - starter.words
    least = LEAST_OWN - 2 if last_beat else LEAST_OWN
    return int(max(least, min(MOST_OWN, PASSAGE_WORDS - starter.words, room)))


def least_own(starters: Sequence[Starter], index: int, until: int, pace: Pace, last_beat: bool) -> int:
    """The last words of a tale that runs short must carry more."""
    if starters[index].slot == "opening":
        return 2
    if starters[index].spoken:
        return 5
    if not last_beat or _musts_after(starters, index, pace):
        return LEAST_OWN
    room = until - pace.written - starters[index].words
    return int(max(LEAST_OWN - 2, min(9, room - 3)))


def _fits(starters: Sequence[Starter], index: int, until: int, pace: Pace) -> bool:
    mine = starters[index].words + pace.expected
    return pace.written + mine / 2 + _musts_after(starters, index, pace) <= until


def _musts_after(starters: Sequence[Starter], index: int, pace: Pace) -> float:
    return sum(one.words + pace.expected for one in starters[index + 1 :] if one.must)
