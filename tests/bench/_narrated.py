"""A short tale, really narrated."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

from pipeline.artifacts import Artifacts
from pipeline.backends.narrate_kokoro import open_backend
from pipeline.cancelled import Cancelled
from pipeline.errors import Unserved
from pipeline.places import Places
from pipeline.roles import Narrator
from pipeline.settings import read_settings
from pipeline.shelf.manifest import read_manifest
from pipeline.shelf.weights import ensure, weights_of
from pipeline.telling.narrate import NarratedPassage, narrate
from pipeline.telling.studio import Borrow, Studio
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Prompt
from pipeline.words.story import Beat, Facts, Line, Passage, Person, Plan

T = TypeVar("T")

SCENES: tuple[tuple[Emotion, tuple[tuple[str, ...], ...]], ...] = (
    (
        Emotion.NEUTRAL,
        (
            ("Mira kept the lighthouse at the end of the world.",),
            ("Every evening she climbed two hundred steps.", "She counted them, so that no stair would feel alone."),
        ),
    ),
    (
        Emotion.FEAR,
        (
            ("One night the glass began to tremble.", "Something out there was breathing."),
            ("The lamp went out, and the dark came up the stairs.",),
            ("Who is there?", "Nobody answered; only the wind leaned against the door."),
        ),
    ),
    (
        Emotion.ANGER,
        (
            ("The storm struck the tower with both fists.", "It howled that no light should ever burn again!"),
            ("Mira shouted back.", "Her voice was small, but she did not move."),
        ),
    ),
    (
        Emotion.SADNESS,
        (
            ("Then the storm grew tired, and wept.", "Nobody had ever asked what it was looking for."),
            ("It had lost its mother, long ago, over a grey and empty sea.",),
        ),
    ),
    (
        Emotion.JOY,
        (
            ("So Mira lit the lamp again, and turned it to the clouds.", "Far away, a great white cloud turned round!"),
            ("All night they danced together above the water.", "And on the smallest step sat Mira, laughing."),
        ),
    ),
)


def tale(seed: int) -> tuple[Plan, list[Passage]]:
    """The words of the lighthouse tale, in passages."""
    beats = tuple(Beat(scene, "beat", Mood.pure(emotion), 40) for scene, (emotion, _) in enumerate(SCENES))
    facts = Facts(Person("Mira", "hero", "f"))
    plan = Plan("Mira", "en", "bench", seed, Feeling(beats[0].target), facts, beats, seed % 12)
    passages: list[Passage] = []
    for scene, (emotion, texts) in enumerate(SCENES):
        for place, lines in enumerate(texts):
            closes = place == len(texts) - 1
            last = closes and scene == len(SCENES) - 1
            said = tuple(Line(line) for line in lines)
            passages.append(Passage(scene, len(passages), " ".join(lines), said, Mood.pure(emotion), closes, last))
    return plan, passages


def narrated(seed: int) -> tuple[Plan, list[NarratedPassage]]:
    """The same, spoken by Kokoro."""
    plan, passages = tale(seed)
    places, settings, manifest = Places.here(), read_settings(), read_manifest()
    ensure((manifest["kokoro-82m"],), places, settings)
    narrator = open_backend(weights_of(manifest["kokoro-82m"], places, settings), 2)

    @contextmanager
    def borrow(role: type[Any], **needs: Any) -> Iterator[Any]:
        if role is not Narrator:
            raise Unserved("role_unserved", role=role.__name__, **needs)
        yield narrator

    def once(_stage: str, _unit: str, _kind: type[T], work: Any) -> T:
        made: T = work()
        return made

    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(cast(Borrow, borrow), Artifacts(Path(folder)), once, lambda _event: None, Cancelled())
        told = list(narrate(Prompt("", seed), plan, passages, studio))
    narrator.close()
    return plan, told
