"""Whether a tale keeps ahead of its telling."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.words.prompt import WORDS_PER_MINUTE
from pipeline.words.sound import RATE_HZ
from pipeline.words.timeline import Timeline

KEEPS_AHEAD = 0.9
"""Seconds of work for a second of tale; above this the voice would catch up with its maker."""
_SAFETY = 1.15
_USUAL_FIRST_LINE_S = 3.0
_OVERDUE_S = 30.0
"""A tale that was begun and shows nothing for so long is not near any more."""
_LAST_COUNTS = 0.5


@dataclass
class Machine:
    """What earlier tales showed of this machine; shared by all booths, and forgotten with the process."""

    ratio: float = 0.0
    """Seconds of work for a second of tale; 0 while nothing is known."""
    first_line_s: float = _USUAL_FIRST_LINE_S
    """From the intro's coming to the first line's."""

    def learn(self, ratio: float, first_line_s: float) -> None:
        """One more tale was made."""
        self.ratio = ratio if not self.ratio else _LAST_COUNTS * ratio + (1 - _LAST_COUNTS) * self.ratio
        self.first_line_s = _LAST_COUNTS * first_line_s + (1 - _LAST_COUNTS) * self.first_line_s


@dataclass(frozen=True)
class _Came:
    """How much was there, and when."""

    at_s: float
    samples: int


class Buffering:
    """One tale's coming, measured as its timeline grows."""

    def __init__(self, machine: Machine, words: int) -> None:
        self._machine = machine
        self._whole_s = words / WORDS_PER_MINUTE * 60
        self._came: list[_Came] = []
        self._begun_s: float | None = None
        self._timeline = Timeline()

    def begun(self, now_s: float) -> None:
        """Somebody works on it, or will at once."""
        if self._begun_s is None:
            self._begun_s = now_s

    def grew(self, timeline: Timeline, now_s: float) -> None:
        """This much is there now."""
        if len(timeline.placed) > len(self._timeline.placed):
            self._came.append(_Came(now_s, timeline.samples))
        if timeline.whole and not self._timeline.whole and len(self._came) > 2:
            self._machine.learn(self._own() or self._machine.ratio, self._came[1].at_s - self._came[0].at_s)
        self._timeline = timeline

    def first_line_in_s(self, now_s: float) -> float:
        """Until the first line can be heard; endless while nothing of it is made, or too slowly to be told at once."""
        if self._timeline.whole or len(self._came) > 1:
            return 0.0
        if self._came:
            return max(0.0, self._machine.first_line_s - (now_s - self._came[0].at_s))
        if self._begun_s is None or self._machine.ratio > KEEPS_AHEAD or now_s - self._begun_s > _OVERDUE_S:
            return float("inf")
        return max(0.0, self._machine.first_line_s - (now_s - self._begun_s))

    def wait_s(self, begin_at: int = 0) -> float:
        """How long to gather before the telling begins, so that it is never interrupted; 0 where none is needed."""
        ratio = self._own() or self._machine.ratio
        if self._timeline.whole or ratio <= KEEPS_AHEAD or not self._came:
            return 0.0
        left_s = max(0.0, max(self._whole_s, self._timeline.seconds) - begin_at / RATE_HZ)
        ready_s = self._timeline.seconds - begin_at / RATE_HZ
        wanted_s = left_s * (1 - KEEPS_AHEAD / ratio) * _SAFETY
        return max(0.0, min(wanted_s, left_s) - ready_s) * ratio

    def _own(self) -> float:
        """As this tale itself showed; 0 before it has two passages. The intro says nothing: it is no narration."""
        if len(self._came) < 3:
            return 0.0
        first, last = self._came[1], self._came[-1]
        return (last.at_s - first.at_s) / max(1e-3, (last.samples - first.samples) / RATE_HZ)
