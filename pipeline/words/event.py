"""News of a tale: one closed list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pipeline.words.mood import Feeling, Mood
from pipeline.words.score import Scored
from pipeline.words.sound import Artifact, Jsonable, Spoken
from pipeline.words.story import Passage, Plan


@dataclass(frozen=True)
class Queued:
    """The wish waits in line."""

    kind: ClassVar[str] = "queued"
    place: int
    """How many are before it."""
    least_s: float = 0.0
    most_s: float = 0.0
    """The estimate, as a range."""


@dataclass(frozen=True)
class StageStarted:
    """A stage begins its work on a unit."""

    kind: ClassVar[str] = "stage_started"
    stage: str
    scene: int = -1
    passage: int = -1


@dataclass(frozen=True)
class StageFinished:
    """A stage is done with a unit."""

    kind: ClassVar[str] = "stage_finished"
    stage: str
    scene: int = -1
    passage: int = -1
    seconds: float = 0.0
    """What it took, models and all; not part of what must be the same on a replay."""


@dataclass(frozen=True)
class Felt:
    """The prompt was felt, or a scene was (scene >= 0)."""

    kind: ClassVar[str] = "felt"
    feeling: Feeling
    scene: int = -1


@dataclass(frozen=True)
class Planned:
    """Shape, facts, beats and title stand."""

    kind: ClassVar[str] = "planned"
    plan: Plan


@dataclass(frozen=True)
class Written:
    """A passage stands in words."""

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
    """A whole scene was read again."""

    kind: ClassVar[str] = "scene_felt"
    scene: int
    mood: Mood


@dataclass(frozen=True)
class Done:
    """The tale is whole."""

    kind: ClassVar[str] = "done"
    tale: Artifact
    """tale.json as an artifact; it names all others."""


@dataclass(frozen=True)
class Failed:
    """It will not be told."""

    kind: ClassVar[str] = "failed"
    code: str
    fields: Jsonable


@dataclass(frozen=True)
class Stopped:
    """Somebody asked to stop, and it did."""

    kind: ClassVar[str] = "cancelled"


Event = (
    Queued | StageStarted | StageFinished | Felt | Planned | Written | Narrated | CueReady
    | SceneFelt | Done | Failed | Stopped
)  # fmt: skip


def key_of(event: Event) -> str:
    """What makes an event the same when it is told twice; a follower drops what it has."""
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
