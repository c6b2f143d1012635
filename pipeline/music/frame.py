"""The bars a passage is written into."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from pipeline.music.harmony import Chord
from pipeline.music.notes import beat_s
from pipeline.music.palette import Palette
from pipeline.words.score import Tempo

_ACCENT_BEFORE_S = 0.08
"""No accent so shortly before a word."""


class Span(NamedTuple):
    """A stretch of time in seconds from the passage's first downbeat."""

    start_s: float
    end_s: float


class Slot(NamedTuple):
    """How long one chord lasts."""

    start: int
    """In beats from the first downbeat."""
    beats: int
    chord: Chord
    bare: bool = False
    """The bass alone, held: before a sudden turn of mood."""
    closing: bool = False
    """The tale's last chord: everything holds."""


@dataclass(frozen=True)
class Frame:
    """All that the parts must agree on."""

    seed: str
    palette: Palette
    arousal: float
    tempo: Tempo
    slots: tuple[Slot, ...]
    speech: tuple[Span, ...] = ()

    @cached_property
    def beat_s(self) -> float:
        """One beat in seconds."""
        return beat_s(self.tempo)

    @property
    def end_s(self) -> float:
        """Length of the passage."""
        return self.tempo.bars * self.tempo.metre * self.beat_s

    @property
    def velocity(self) -> float:
        """The mood's touch, stirred by its arousal."""
        return self.palette.velocity * (0.85 + 0.3 * self.arousal)

    def spoken(self, at_s: float, before_s: float = _ACCENT_BEFORE_S) -> bool:
        """Whether a line sounds then, or is just about to."""
        return any(span.start_s - before_s <= at_s < span.end_s for span in self.speech)

    def pauses(self, end_s: float) -> tuple[Span, ...]:
        """The stretches without a word, up to `end_s`."""
        starts = (0.0, *(span.end_s for span in self.speech))
        ends = (*(span.start_s for span in self.speech), end_s)
        return tuple(Span(a, min(b, end_s)) for a, b in zip(starts, ends, strict=True) if min(b, end_s) > a)

    def slot_at(self, at_s: float) -> Slot:
        """The chord that sounds then."""
        beat = (at_s + 1e-6) / self.beat_s
        return next((slot for slot in reversed(self.slots) if slot.start <= beat), self.slots[0])


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Overlapping spans as one, in order."""
    whole: list[Span] = []
    for span in sorted(spans):
        if whole and span.start_s <= whole[-1].end_s:
            whole[-1] = Span(whole[-1].start_s, max(whole[-1].end_s, span.end_s))
        elif span.end_s > span.start_s:
            whole.append(span)
    return tuple(whole)
