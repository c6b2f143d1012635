"""A tale, told."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.words.prompt import Prompt
from pipeline.words.sound import Artifact
from pipeline.words.story import Plan, Story
from pipeline.words.timeline import Timeline


class Publishable(StrEnum):
    """What the licences of everything used allow."""

    YES = "yes"
    NO = "no"
    WITH_TERMS = "with_terms"


@dataclass(frozen=True)
class Rights:
    """What may be done with the tale, and why."""

    publishable: Publishable
    why: str
    """Codes of the licences that decided, joined by commas."""
    credits: tuple[str, ...]
    """One line each: the work, its makers, its licence."""


@dataclass(frozen=True)
class Master:
    """The finished sound."""

    audio: Artifact
    """Lossless master, FLAC, 48 kHz stereo."""
    samples: int
    loudness_lufs: float
    true_peak_dbtp: float
    gain_db: float
    """The one constant gain between the live sum and this file; at most 1 dB either way."""


@dataclass(frozen=True)
class MadeBy:
    """With what, and how long it took."""

    profile: str
    models: dict[str, str]
    """Role to model id."""
    seconds: dict[str, float] = field(default_factory=dict)
    """By stage; a measure, not part of what a seed promises."""
    peak_rss_mb: float = 0.0


@dataclass(frozen=True)
class Tale:
    """Born once, in `mix`, or in `bind` where it has no sound."""

    prompt: Prompt
    plan: Plan
    story: Story
    timeline: Timeline
    master: Master
    captions: Artifact
    """WebVTT."""
    picture: Artifact
    """PNG, the waveform coloured by mood."""
    midi: Artifact | None
    made_by: MadeBy = MadeBy("", {})
    """Signed by the root that lent the models, as the rights are."""
    rights: Rights = Rights(Publishable.NO, "unsigned", ())

    @property
    def silent(self) -> bool:
        """Told in words alone: its timeline is empty, its master a moment of silence."""
        return self.prompt.words_only
