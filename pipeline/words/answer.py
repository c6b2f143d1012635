"""Answers to requests other than a tale."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.words.mood import Feeling, Mood
from pipeline.words.score import Carry
from pipeline.words.sound import Artifact, Spoken, Transcript


@dataclass(frozen=True)
class Transcribed:
    """The answer to `Transcribe`."""

    transcript: Transcript
    feeling: Feeling | None = None
    """None where the request asked for no feeling."""
    tone: tuple[float, ...] = ()
    """What the voice is like, feeling aside; empty where that was not asked for, or no reader here can tell."""


@dataclass(frozen=True)
class Explained:
    """The answer to `Explain`: the feeling with its evidence."""

    feeling: Feeling


@dataclass(frozen=True)
class Sampled:
    """The answer to `Sample`: the spoken sentence, passage by passage."""

    spoken: tuple[Spoken, ...]


@dataclass(frozen=True)
class Cloned:
    """The answer to `Clone`."""

    voice: str
    """What a prompt may name as its voice: a learnt one, or the blend of ours that comes nearest."""
    reference: Artifact
    """The consent sentence as it was spoken; the member's to take back."""
    learnt: Artifact | None = None
    """What a narrator that learns keeps of the voice; None where the voice is a blend of ours."""


@dataclass(frozen=True)
class Composed:
    """The answer to `Compose`."""

    sound: Artifact
    """Stereo, float32 WAV, 48 kHz, at one loudness."""
    seconds: float


@dataclass(frozen=True)
class Embedded:
    """The answer to `Embed`."""

    model: str
    """Names the embedder by what it makes of one fixed text: places of two models say nothing to each other."""
    places: tuple[str, ...]
    """One for each text: 8-bit numbers in base64, whose direction alone counts."""


@dataclass(frozen=True)
class Underscored:
    """The answer to `Underscore`."""

    tracks: tuple[Artifact, ...]
    """Bed, melody, place and effects: stereo, float32 WAV, 48 kHz, at their levels; each rings on past `samples`."""
    samples: int
    """Where the next part begins, from the first sample of this one."""
    mood: Mood
    """As it was asked for or read."""
    carry: Carry = field(default_factory=dict)
    """For the next part."""


@dataclass(frozen=True)
class Filmed:
    """The answer to `Film`."""

    film: Artifact
    notes: tuple[str, ...] = ()
    """Codes of what whoever asked should be told."""


Answer = Transcribed | Explained | Sampled | Cloned | Composed | Embedded | Underscored | Filmed
