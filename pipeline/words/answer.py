"""What an errand answers."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.words.mood import Feeling
from pipeline.words.sound import Artifact, Spoken, Transcript


@dataclass(frozen=True)
class Transcribed:
    """Of `Transcribe`."""

    transcript: Transcript
    feeling: Feeling | None = None
    """Where it was to be read."""
    tone: tuple[float, ...] = ()
    """What the voice is like, feeling aside; empty where that was not asked for, or no reader here can tell."""


@dataclass(frozen=True)
class Explained:
    """Of `Explain`: the feeling with its evidence."""

    feeling: Feeling


@dataclass(frozen=True)
class Sampled:
    """Of `Sample`: the sentence, passage by passage."""

    spoken: tuple[Spoken, ...]


@dataclass(frozen=True)
class Cloned:
    """Of `Clone`."""

    voice: str
    """What a prompt may name as its voice: a learnt one, or the blend of ours that comes nearest."""
    reference: Artifact
    """The consent sentence as it was spoken; the member's to take back."""
    learnt: Artifact | None = None
    """What a narrator that learns keeps of the voice; None where the voice is a blend of ours."""


Answer = Transcribed | Explained | Sampled | Cloned
