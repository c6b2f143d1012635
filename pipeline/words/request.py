"""The kinds of request an executor takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from pipeline.words.mood import Mood
from pipeline.words.prompt import Prompt, Speaking
from pipeline.words.score import Carry
from pipeline.words.sound import Artifact


@dataclass(frozen=True)
class Tell:
    """Make a tale."""

    kind: ClassVar[str] = "tell"
    prompt: Prompt
    live: bool = False
    """Whether somebody listens while it is made."""


@dataclass(frozen=True)
class Transcribe:
    """Say what a recording says and how it is felt."""

    kind: ClassVar[str] = "transcribe"
    recording: Artifact
    language: str | None = None
    read_feeling: bool = True
    usual: tuple[float, ...] = ()
    """What this speaker's voice is like at rest, as `Transcribed.tone` told it; empty where nothing is kept."""
    tone: bool = False
    """Whether the answer tells what the voice is like: its owner agreed to that being kept."""


@dataclass(frozen=True)
class Sample:
    """Let a voice be heard."""

    kind: ClassVar[str] = "sample"
    voice: str
    """Empty for the narrator of its language."""
    language: str
    """Empty to read it from the text."""
    text: str = ""
    """Empty for the language's own sample sentence."""
    speaking: Speaking = field(default_factory=Speaking)
    learnt: Artifact | None = None
    """What a narrator learnt of `voice`, where that is none of ours."""
    quick: bool = False
    """Whether its first sentence is a passage of its own: somebody waits for the first sound."""


@dataclass(frozen=True)
class Compose:
    """Music for a mood, without a word."""

    kind: ClassVar[str] = "compose"
    mood: Mood
    seconds: float
    """At least so long: it ends with a whole bar."""
    seed: int
    hero: str = "hero"
    """Whose motif it is."""


@dataclass(frozen=True)
class Clone:
    """Learn a member's voice from their own consent sentence."""

    kind: ClassVar[str] = "clone"
    recording: Artifact
    sentence: str
    """What they were asked to say; the transcript must match."""
    language: str


@dataclass(frozen=True)
class Explain:
    """Say why a mood was read."""

    kind: ClassVar[str] = "explain"
    text: str
    language: str
    recording: Artifact | None = None


@dataclass(frozen=True)
class Embed:
    """Say where texts lie by their meaning."""

    kind: ClassVar[str] = "embed"
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Underscore:
    """One part of music alone, in four tracks."""

    kind: ClassVar[str] = "underscore"
    words: str
    """What it is for: `tense, rain`; places, things that happen and, where none is given, the mood are found in it."""
    language: str
    """Of the words."""
    seed: int
    part: int = 0
    """Counts from 0."""
    at: int = 0
    """Where it begins, in samples from the first part's first."""
    seconds: float = 30.0
    """At least so long: it ends with a whole bar."""
    mood: Mood | None = None
    carry: Carry = field(default_factory=dict)
    """What the composer remembers of the part before."""


@dataclass(frozen=True)
class Film:
    """Make a finished tale into a film."""

    kind: ClassVar[str] = "film"
    tale: Artifact
    """All of it, as its job's last word named it."""
    limit_bytes: int
    shape: str = "wide"


Request = Tell | Transcribe | Sample | Clone | Explain | Compose | Embed | Underscore | Film


@dataclass(frozen=True)
class Asked:
    """A request with who stands behind it."""

    job: str
    """The job's id, chosen by the asker; asking twice with one id asks once."""
    request: Request
    server: str = ""
    """The server whose share of the queue it counts against; empty for a request from the terminal."""
    member: str = ""
    """The member who asked; empty for a request from the terminal."""
