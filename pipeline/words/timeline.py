"""Where in the tale each passage sounds."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.words.event import CueReady, Done, Event, Narrated
from pipeline.words.score import Scored
from pipeline.words.sound import RATE_HZ, Artifact, Spoken, WordTiming


@dataclass(frozen=True)
class Placed:
    """One passage with its fixed place."""

    start: int
    """In samples from the tale's first sample."""
    scored: Scored
    spoken: Spoken | None
    """None for the intro, which has no words."""

    @property
    def end(self) -> int:
        """First sample after it; the next passage's first downbeat."""
        return self.start + self.scored.samples


@dataclass(frozen=True)
class Timeline:
    """The tale as far as it is finished: passages in order, each starting where the last ended."""

    placed: tuple[Placed, ...] = ()
    waiting: tuple[Spoken, ...] = ()
    """Spoken passages whose music is not there yet."""
    whole: bool = False
    """Whether the tale is finished."""

    def after(self, event: Event) -> Timeline:
        """The timeline once this event has happened; what is placed never moves, a repeated event changes nothing."""
        match event:
            case Narrated(spoken=spoken) if not self._has(spoken.passage) and spoken not in self.waiting:
                return replace(self, waiting=(*self.waiting, spoken))
            case CueReady(scored=scored) if not self._has(scored.passage):
                return self._place(scored)
            case Done():
                return replace(self, whole=True)
            case _:
                return self

    @property
    def samples(self) -> int:
        """Length of what is placed, without the last tail."""
        return self.placed[-1].end if self.placed else 0

    @property
    def seconds(self) -> float:
        """Length of what is placed in seconds, without the last tail."""
        return self.samples / RATE_HZ

    @property
    def stems(self) -> tuple[Artifact, ...]:
        """Every sound that a player needs: beds, tails and voices."""
        music = [stem for one in self.placed for stem in (one.scored.bed, one.scored.tail)]
        return (*music, *(one.spoken.voice for one in self.placed if one.spoken))

    def captions(self) -> tuple[WordTiming, ...]:
        """Every word with its time in the tale."""
        return tuple(
            WordTiming(word.text, word.start_s + at, word.end_s + at, word.certainty)
            for placed in self.placed
            if placed.spoken is not None
            for at in (placed.start / RATE_HZ,)
            for line in placed.spoken.lines
            for word in line.words
        )

    def _has(self, passage: int) -> bool:
        return any(placed.scored.passage == passage for placed in self.placed)

    def _place(self, scored: Scored) -> Timeline:
        spoken = next((one for one in self.waiting if one.passage == scored.passage), None)
        waiting = tuple(one for one in self.waiting if one is not spoken)
        return replace(self, placed=(*self.placed, Placed(self.samples, scored, spoken)), waiting=waiting)
