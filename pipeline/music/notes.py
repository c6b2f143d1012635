"""Notes, parts and the piece they make."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from pipeline.words.score import Tempo
from pipeline.words.sound import RATE_HZ

RING_S = 2.0
"""Beyond a passage's end; the tale's last passage ends with its last sample."""


class Part(IntEnum):
    """Who plays: the MIDI channel."""

    PAD = 0
    FIGURE = 1
    BASS = 2
    LEAD = 3
    TIMPANI = 4
    TEXTURE = 5
    DRUMS = 9


class Note(NamedTuple):
    """One note, in seconds from the passage's first downbeat."""

    on_s: float
    off_s: float
    channel: int
    key: int
    """MIDI key, 60 is middle C; on DRUMS the instrument."""
    velocity: int
    """1..127."""


@dataclass(frozen=True)
class PassageScore:
    """One passage's music in notes."""

    tempo: Tempo
    bed: tuple[Note, ...] = ()
    """All parts but the lead."""
    lead: tuple[Note, ...] = ()
    """The motif, only where nobody speaks."""
    vamp: tuple[Note, ...] = ()
    """Whole bars that loop on the last chord; times count from their own first downbeat."""
    vamp_bars: int = 1
    """0 where nothing is awaited."""
    programs: dict[int, int] = field(default_factory=dict)
    """General MIDI program of each melodic channel."""
    texture: str = "none"
    """What our own oscillators play on Part.TEXTURE; `none` for nothing."""
    gain_db: float = 0.0
    """What is added to the players' own level."""
    ring_s: float = RING_S
    """How long its last notes may ring beyond its end; 0 where they must have died away by then."""
    hush_s: float | None = None
    """From when on there is no music up to the end; None where it goes on."""

    @property
    def samples(self) -> int:
        """Length on the timeline."""
        return samples_of(self.tempo, self.tempo.bars)

    @property
    def vamp_samples(self) -> int:
        """Length of the loop."""
        return samples_of(self.tempo, self.vamp_bars)


def beat_s(tempo: Tempo) -> float:
    """One beat in seconds."""
    return 60.0 / tempo.bpm


def samples_of(tempo: Tempo, bars: int) -> int:
    """Length of so many bars."""
    return round(bars * tempo.metre * beat_s(tempo) * RATE_HZ)
