"""A finished tale."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.words.picture import Picture
from pipeline.words.prompt import APART, Before, Prompt
from pipeline.words.sound import Artifact
from pipeline.words.story import Facts, Plan, Story
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
    """Its length at 48 kHz."""
    loudness_lufs: float
    """Integrated over the whole file."""
    true_peak_dbtp: float
    """The highest true peak, in dB below full scale."""
    gain_db: float
    """The one constant gain between what was heard live and this file; at most 1 dB either way."""


@dataclass(frozen=True)
class MadeBy:
    """Which models made the tale, and how long it took."""

    profile: str
    models: dict[str, str]
    """Role to model id."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Seconds by stage; measured, so they differ between tales of the same seed."""
    peak_rss_mb: float = 0.0
    """The most memory the worker's process had while it made the tale; 0 where nobody measured."""


@dataclass(frozen=True)
class Tale:
    """Everything of one finished tale; made once, by `mix`, or by `bind` where it has no sound."""

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
    """Filled in by the composition root, which knows the models; so are the rights."""
    rights: Rights = Rights(Publishable.NO, "unsigned", ())
    pictures: tuple[Picture, ...] = ()
    """One for each scene, where they were wished."""

    @property
    def silent(self) -> bool:
        """Whether it has words alone: its timeline is empty, and its master is a moment of silence."""
        return self.prompt.words_only


def before_of(tale: Tale) -> Before:
    """What the next tale must know of this one: its people, things and place, what it came to, and its frame."""
    facts, read = tale.plan.facts, tale.plan.read
    named = {
        "hero": facts.hero.name, "who": read.get("who", ""), "helper": facts.helper.name if facts.helper else "",
        "place": facts.place, "wish": facts.wish, "thing": read.get("thing", "") or "".join(facts.things[:1]),
        "met": _met(facts), "closing": tale.plan.closing, "frame": tale.plan.shape,
        "gender": facts.hero.gender, "figure": facts.hero.kind, "seed": tale.plan.hero_key,
    }  # fmt: skip
    known = {name: value for name, value in named.items() if value}
    return Before(tale.story.title, known, tale.story.synopsis, tale.story.cast)


def _met(facts: Facts) -> str:
    """The first whom the hero met that is a person with a name of their own, or is called by what they do."""
    found = [one for one in facts.people if one.kind == "person" and one.name != facts.hero.name]
    return APART.join((found[0].name, found[0].gender, found[0].kind)) if found else ""
