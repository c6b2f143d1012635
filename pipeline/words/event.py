"""Every event a tale can emit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pipeline.words.mood import Feeling, Mood
from pipeline.words.score import Scored
from pipeline.words.sound import Artifact, Jsonable, Spoken
from pipeline.words.story import Passage, Plan


@dataclass(frozen=True)
class Queued:
    """The request waits in the queue."""

    kind: ClassVar[str] = "queued"
    place: int
    """How many requests are before it."""
    least_s: float = 0.0
    """The least time until the tale is finished, in seconds, by estimate."""
    most_s: float = 0.0
    """The most time until then; both are 0 where no tale was measured yet."""


@dataclass(frozen=True)
class StageStarted:
    """A stage begins its work on the tale, on one scene of it or on one passage."""

    kind: ClassVar[str] = "stage_started"
    stage: str
    scene: int = -1
    """-1 where the stage works on the whole tale."""
    passage: int = -1
    """-1 where the stage works on a whole scene or the whole tale."""


@dataclass(frozen=True)
class StageFinished:
    """A stage is done with what its `StageStarted` named."""

    kind: ClassVar[str] = "stage_finished"
    stage: str
    scene: int = -1
    passage: int = -1
    seconds: float = 0.0
    """How long it took, loading models included; a replay of the same request may give another figure."""


@dataclass(frozen=True)
class Felt:
    """The feeling of the prompt was read, or with scene >= 0 that of one scene."""

    kind: ClassVar[str] = "felt"
    feeling: Feeling
    scene: int = -1


@dataclass(frozen=True)
class Planned:
    """Shape, facts, beats and title are decided."""

    kind: ClassVar[str] = "planned"
    plan: Plan


@dataclass(frozen=True)
class Written:
    """A passage is written."""

    kind: ClassVar[str] = "written"
    passage: Passage


@dataclass(frozen=True)
class Narrated:
    """A passage is spoken."""

    kind: ClassVar[str] = "narrated"
    spoken: Spoken


@dataclass(frozen=True)
class CueReady:
    """A passage has its music; with its voice it can now be played."""

    kind: ClassVar[str] = "cue_ready"
    scored: Scored


@dataclass(frozen=True)
class SceneFelt:
    """The mood of a finished scene was read from its own words."""

    kind: ClassVar[str] = "scene_felt"
    scene: int
    mood: Mood


@dataclass(frozen=True)
class Done:
    """The tale is finished; no event follows."""

    kind: ClassVar[str] = "done"
    tale: Artifact
    """tale.json as an artifact; it names all others."""


@dataclass(frozen=True)
class Failed:
    """The tale cannot be made; no event follows."""

    kind: ClassVar[str] = "failed"
    code: str
    """The error's code, for which each language has a sentence."""
    fields: Jsonable
    """The values that sentence has blanks for."""


@dataclass(frozen=True)
class Stopped:
    """Somebody asked to stop, and the work has stopped; no event follows."""

    kind: ClassVar[str] = "cancelled"


Event = (
    Queued | StageStarted | StageFinished | Felt | Planned | Written | Narrated | CueReady
    | SceneFelt | Done | Failed | Stopped
)  # fmt: skip


def key_of(event: Event) -> str:
    """Names what the event is about, so that a follower can drop one it already has."""
    # A worker that restarts emits the events of its finished units again, and their seconds differ by then:
    # comparing whole events would let those through.
    match event:
        case Written(passage=passage):
            return f"written:{passage.scene}:{passage.index}"
        case Narrated(spoken=spoken):
            return f"narrated:{spoken.scene}:{spoken.passage}"
        case CueReady(scored=scored):
            return f"cue_ready:{scored.scene}:{scored.passage}"
        case StageStarted() | StageFinished():
            return f"{event.kind}:{event.stage}:{event.scene}:{event.passage}"
        case Felt(scene=scene) | SceneFelt(scene=scene):
            return f"{event.kind}:{scene}"
        case Queued(place=place):
            return f"queued:{place}"
        case _:
            return event.kind
