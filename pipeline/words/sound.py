"""Sounds, stored ones and spoken ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

RATE_HZ = 48_000
"""The one sample rate inside the program; a sound is resampled once where it comes in and once where it leaves."""
HEARING_HZ = 16_000
"""What models take that hear a voice."""
LEAST_SURE = 0.25
"""Certainty of a transcript that is words."""

Samples = npt.NDArray[np.float32]
"""float32 in -1..1; shape (n,) for mono, (n, 2) for stereo."""


@dataclass(frozen=True)
class Artifact:
    """A file named by the hash of its bytes; only the store knows where it lies."""

    sha256: str
    """The hash of the file's bytes, in hexadecimal."""
    suffix: str
    """The kind of file, with its dot: `.wav`, `.png`, `.opus`."""
    size: int
    """In bytes."""


@dataclass(frozen=True)
class Recording:
    """What somebody said, before it was understood."""

    samples: npt.NDArray[np.float32]
    """Mono."""
    rate_hz: int
    speaker: str = ""
    """The name the server shows, or empty."""
    usual: npt.NDArray[np.float32] | None = None
    """What this speaker's voice is like at rest, as a voice reader gave it, where they consented to its being kept."""


@dataclass(frozen=True)
class WordTiming:
    """One word with its place."""

    text: str
    start_s: float
    """From the beginning of the recording, line, passage or tale that holds it."""
    end_s: float
    """From the same beginning."""
    certainty: float = 1.0
    """0..1: how sure the transcriber is of the word; 1 for a word that was written before it was spoken."""


@dataclass(frozen=True)
class Transcript:
    """What a recording says."""

    text: str
    language: str
    """ISO 639-1, for instance `pt`."""
    certainty: float
    """0..1: mean certainty of the words."""
    words: tuple[WordTiming, ...] = ()
    speakers: tuple[tuple[str, str], ...] = ()
    """(name, what they said) in order, where several spoke."""

    @property
    def sure_text(self) -> str:
        """The text; empty where it is too uncertain to be more than noise or music that was taken for words."""
        return self.text if self.certainty >= LEAST_SURE else ""


@dataclass(frozen=True)
class SpokenLine:
    """One line as the narrator spoke it, inside its passage."""

    speaker: str
    """Name of the character, or `narrator`."""
    text: str
    """As written, not as spelled out for the voice."""
    voice: str
    """The voice's id."""
    start: int
    """In samples at 48 kHz from the passage's first downbeat."""
    end: int
    """In samples; the pause after it is not part of it."""
    words: tuple[WordTiming, ...] = ()
    """Times in seconds from the passage's first downbeat."""


@dataclass(frozen=True)
class Spoken:
    """One passage narrated: its voice stem and what is heard when."""

    scene: int
    passage: int
    """Counts through the whole tale, from 0."""
    voice: Artifact
    """Dressed mono stem, float32 WAV, 48 kHz: levelled lines with their reverb."""
    samples: int
    """Length of speech with the lead-in before and the least closing pause after it, in samples."""
    lines: tuple[SpokenLine, ...]


Jsonable = dict[str, Any]
"""What survives json.dumps and json.loads unchanged."""
