"""Music for one passage."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.words.sound import Artifact, Jsonable, Samples

Carry = Jsonable
"""What the composer remembers between passages: key, voicing, motif returns, bars told; {} at the start."""


@dataclass(frozen=True)
class Tempo:
    """The bars of one passage: all alike, from its first downbeat to its last sample."""

    tonic: int
    """Pitch class 0..11."""
    mode: str
    """`ionian`, `aeolian`..."""
    bpm: float
    metre: int
    """Beats in a bar."""
    bars: int
    """Whole bars in the passage."""


@dataclass(frozen=True)
class Cue:
    """One passage's music as composed and rendered, undressed."""

    bed: Samples
    """Stereo: pad, bass, figures; exactly as long as the passage."""
    lead: Samples
    """Stereo: the hero's motif, in the pauses; as long as the bed."""
    tail: Samples
    """Stereo: what still rings when the next passage has begun."""
    vamp: Samples
    """Stereo: whole bars that may repeat at the join while the next passage is awaited."""
    tempo: Tempo
    notes: tuple[tuple[float, float, int, int, int], ...] = ()
    """(on_s, off_s, channel, key, velocity) from the passage's first downbeat, for tale.mid."""
    programs: dict[int, int] = field(default_factory=dict)
    """General MIDI program of each channel, for tale.mid."""


@dataclass(frozen=True)
class Effect:
    """A thing that happens and is heard."""

    kind: str
    """`knock`, `bell`..., as data/effects.toml has it."""
    word: str
    """What in the text says so."""
    start: int
    """In samples from the passage's first downbeat."""
    samples: int
    """Until it only rings."""


@dataclass(frozen=True)
class Scored:
    """One passage's music as published: dressed stems by reference."""

    scene: int
    passage: int
    """Counts through the whole tale; -1 for the mood-only intro."""
    bed: Artifact
    """Dressed stereo stem: bed, lead, ambience and effects under their levels, dipped where a line sounds."""
    tail: Artifact
    vamp: Artifact
    samples: int
    """Length of the passage on the timeline, whole bars, never shorter than its speech."""
    tail_samples: int
    vamp_samples: int
    tempo: Tempo
    midi: Artifact | None = None
    """The notes, for tale.mid."""
    effects: tuple[Effect, ...] = ()
    """What happens in it, in order; heard in the bed."""
    carry: Carry = field(default_factory=dict)
    """What the composer remembered after it; {} in tales of earlier versions."""
