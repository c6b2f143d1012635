"""Whether a tale keeps ahead of its telling."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.words.prompt import WORDS_PER_MINUTE
from pipeline.words.sound import RATE_HZ
from pipeline.words.timeline import Timeline

KEEPS_AHEAD = 0.9
"""Seconds of work for a second of tale; above this the voice would catch up with its maker."""
_SAFETY = 1.15  # the rest of a tale may take longer than its beginning
_USUAL_FIRST_LINE_S = 3.0
_OVERDUE_S = 30.0
"""A tale that was begun and shows nothing for this long counts as far off again."""
_LAST_COUNTS = 0.5  # weight of the latest tale beside all before: models and load change


@dataclass
class Machine:
    """Speed of this machine by earlier tales; shared by all players, and forgotten with the process."""

    ratio: float = 0.0
    """Seconds of work for a second of tale; 0 while nothing is known."""
    first_line_s: float = _USUAL_FIRST_LINE_S
    """Seconds from the intro's arrival to the first line's."""

    def learn(self, ratio: float, first_line_s: float) -> None:
        """Add the figures of one more tale."""
        self.ratio = ratio if not self.ratio else _LAST_COUNTS * ratio + (1 - _LAST_COUNTS) * self.ratio
        self.first_line_s = _LAST_COUNTS * first_line_s + (1 - _LAST_COUNTS) * self.first_line_s


@dataclass(frozen=True)
class _Came:
    """How much of a tale was there, and when."""

    at_s: float  # on the player's clock
    samples: int  # at 48 kHz, from the tale's beginning


class Buffering:
    """Pace of one tale's making, measured as its timeline grows."""

    def __init__(self, machine: Machine, words: int) -> None:
        self._machine = machine
        self._whole_s = words / WORDS_PER_MINUTE * 60
        self._came: list[_Came] = []
        self._begun_s: float | None = None
        self._timeline = Timeline()

    def begun(self, now_s: float) -> None:
        """Note that the tale is being made, or will be at once."""
        if self._begun_s is None:
            self._begun_s = now_s

    def grew(self, timeline: Timeline, now_s: float) -> None:
        """Note how much of the tale is there now."""
        if len(timeline.placed) > len(self._timeline.placed):
            self._came.append(_Came(now_s, timeline.samples))
        # Only a tale watched from its start teaches: one taken up whole after a restart has one arrival.
        if timeline.whole and not self._timeline.whole and len(self._came) > 2:
            self._machine.learn(self._own() or self._machine.ratio, self._came[1].at_s - self._came[0].at_s)
        self._timeline = timeline

    def first_line_in_s(self, now_s: float) -> float:
        """Estimate when the first line can be heard; infinite while nothing is made, or made too slowly."""
        if self._timeline.whole or len(self._came) > 1:
            return 0.0
        if self._came:
            return max(0.0, self._machine.first_line_s - (now_s - self._came[0].at_s))
        if self._begun_s is None or self._machine.ratio > KEEPS_AHEAD or now_s - self._begun_s > _OVERDUE_S:
            return float("inf")
        return max(0.0, self._machine.first_line_s - (now_s - self._begun_s))

    def wait_s(self, begin_at: int = 0) -> float:
        """Return seconds to buffer before playing, so that nothing interrupts it; 0 where none are needed."""
        ratio = self._own() or self._machine.ratio
        if self._timeline.whole or ratio <= KEEPS_AHEAD or not self._came:
            return 0.0
        left_s = max(0.0, max(self._whole_s, self._timeline.seconds) - begin_at / RATE_HZ)
        ready_s = self._timeline.seconds - begin_at / RATE_HZ
        # While a second plays, 1 / ratio of one is made: the cushion must cover the difference to the end.
        wanted_s = left_s * (1 - KEEPS_AHEAD / ratio) * _SAFETY
        return max(0.0, min(wanted_s, left_s) - ready_s) * ratio

    def _own(self) -> float:
        """Return this tale's own ratio; 0 before it has two passages. The intro does not count: it is no narration."""
        if len(self._came) < 3:
            return 0.0
        first, last = self._came[1], self._came[-1]
        return (last.at_s - first.at_s) / max(1e-3, (last.samples - first.samples) / RATE_HZ)
