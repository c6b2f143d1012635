"""Recordings written down, their voices read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.artifacts import Artifacts
from pipeline.audio.encode import stem_bytes
from pipeline.cancelled import Cancelled
from pipeline.road.door import read_answer
from pipeline.road.workshop import write_down
from pipeline.roles import TextReader, Transcriber, VoiceReader
from pipeline.telling.feel import feel
from pipeline.telling.studio import Studio
from pipeline.words.answer import Transcribed
from pipeline.words.mood import Emotion, Evidence, Feeling, Mood
from pipeline.words.prompt import Prompt, Said
from pipeline.words.request import Transcribe
from pipeline.words.sound import RATE_HZ, Artifact, Recording, Transcript

JOY, FEAR = Mood.pure(Emotion.JOY), Mood.pure(Emotion.FEAR)
TONE = np.array([0.5, -1.25], np.float32)
TOLD = Transcript("A fox.", "en", 0.9)


@dataclass
class Models:
    """Stand in for three models; the voice reader notes against what it read."""

    languages: frozenset[str] = frozenset({"en"})
    usual: list[npt.NDArray[np.float32] | None] = field(default_factory=list)

    def transcribe(self, recording: Recording, language: str | None, check: Cancelled) -> Transcript:
        return TOLD

    def read(self, what: Any, *_: Any) -> Any:
        if isinstance(what, list):
            return [JOY]
        self.usual.append(what.usual)
        return FEAR, (Evidence("voice", "tone", Emotion.FEAR, 0.3, 0.0, 1.0),)


class Toned(Models):
    """Its voice reader can tell a tone."""

    def tone(self, recording: Recording, check: Cancelled) -> npt.NDArray[np.float32] | None:
        return TONE


def studio_of(models: Models, folder: Path) -> Studio:
    @contextmanager
    def borrow(role: type, **_: Any) -> Iterator[Any]:
        assert role in (Transcriber, VoiceReader, TextReader)
        yield models

    def once(stage: str, unit: str, kind: Any, work: Any) -> Any:
        return work()

    return Studio(borrow, Artifacts(folder), once, lambda event: None, Cancelled())


def recorded(studio: Studio) -> Artifact:
    return studio.keep(stem_bytes(np.full(RATE_HZ, 0.1, np.float32)), ".wav")


def answer(models: Models, folder: Path, **asked: Any) -> Transcribed:
    studio = studio_of(models, folder)
    kept = write_down(Transcribe(recorded(studio), **asked), studio)
    return read_answer(kept, Transcribed, Artifacts(folder))


def test_a_voice_is_read_against_what_is_usual_for_it_and_its_tone_told(tmp_path: Path) -> None:
    models = Toned()
    told = answer(models, tmp_path, usual=(1.0, 2.0), tone=True)
    assert [tuple(one) for one in models.usual if one is not None] == [(1.0, 2.0)]
    assert told.tone == (0.5, -1.25)
    assert told.feeling is not None
    assert told.feeling.voice == FEAR


def test_nobodys_tone_is_told_unasked_nor_by_a_reader_that_has_none(tmp_path: Path) -> None:
    assert answer(Toned(), tmp_path).tone == ()
    assert answer(Models(), tmp_path, tone=True).tone == ()


def test_where_no_feeling_may_be_read_no_voice_is(tmp_path: Path) -> None:
    models = Toned()
    told = answer(models, tmp_path, read_feeling=False, usual=(1.0, 2.0), tone=True)
    assert (told.feeling, told.tone, models.usual) == (None, (), [])


def test_what_was_read_already_is_not_read_again(tmp_path: Path) -> None:
    models = Models()
    studio = studio_of(models, tmp_path)
    felt = Feeling(FEAR, JOY, FEAR, "weighed", (Evidence("voice", "tone", Emotion.FEAR, 0.3, 0.0, 1.0),))
    prompt = Prompt("", 1, said=(Said(recorded(studio), "Ana", TOLD, felt=felt),))
    feeling = feel(prompt, TOLD, studio)
    assert feeling.voice == FEAR
    assert models.usual == []
    unread = Prompt("", 1, said=(Said(recorded(studio), "Ana", TOLD, read_feeling=False, felt=felt),))
    assert feel(unread, TOLD, studio).voice is None
