"""Words and voice into a feeling."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.artifacts import Artifacts
from pipeline.cancelled import Cancelled
from pipeline.cli.here import Here
from pipeline.errors import Refused
from pipeline.telling.explain import explain, looks, weigh, why
from pipeline.telling.feel import feel, scene_mood
from pipeline.telling.hear import hear
from pipeline.telling.in_memory import InMemory
from pipeline.telling.studio import Studio
from pipeline.words.event import Event, Felt, SceneFelt
from pipeline.words.mood import Emotion
from pipeline.words.prompt import Prompt
from pipeline.words.sound import Transcript


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def studio(here: Here, events: list[Event], tmp_path: Path) -> Studio:
    return InMemory(here.shelf, Artifacts(tmp_path), events.append, Cancelled()).studio


def test_a_prompt_is_felt_and_said_once(studio: Studio, events: list[Event]) -> None:
    feeling = feel(Prompt("I am terrified of the thing under my bed.", 1, language="en"), None, studio)
    assert (feeling.mood.emotion, feeling.rule) == (Emotion.FEAR, "words")
    assert events == [Felt(feeling)]


def test_a_mood_that_is_asked_for_needs_no_model(tmp_path: Path) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("nothing was to be borrowed")

    studio = Studio(never, Artifacts(tmp_path), lambda stage, unit, kind, work: work(), lambda event: None, Cancelled())
    feeling = feel(Prompt("A funeral in the rain.", 1, mood=Emotion.JOY), None, studio)
    assert (feeling.mood.emotion, feeling.rule, feeling.mood.certainty) == (Emotion.JOY, "asked", 1.0)


def test_an_empty_prompt_is_neutral_and_uncertain(studio: Studio) -> None:
    mood = feel(Prompt("", 1), None, studio).mood
    assert (mood.emotion, mood.certainty) == (Emotion.NEUTRAL, 0.0)


def test_the_words_of_a_transcript_are_felt(studio: Studio) -> None:
    transcript = Transcript("Estou com tanta raiva deste mentiroso!", "pt", 0.9)
    assert feel(Prompt("", 1), transcript, studio).mood.emotion is Emotion.ANGER


def test_a_whole_scene_is_felt_again(studio: Studio, events: list[Event]) -> None:
    mood = scene_mood(2, "They danced and sang. Everybody was happy and laughed with joy.", "en", studio)
    assert mood.emotion is Emotion.JOY
    assert events == [SceneFelt(2, mood)]


def test_an_explanation_names_the_word_that_moved_it(studio: Studio) -> None:
    feeling = explain("The disgusting soup stood on the table.", None, "en", studio)
    strongest = feeling.evidence[0]
    assert (strongest.what, strongest.emotion) == ("disgusting", Emotion.DISGUST)
    assert "disgusting" in why(feeling, "en")


def test_whoever_asks_why_holds_the_device_once(studio: Studio) -> None:
    borrowed = []

    def borrow(role: type[Any], **needs: Any) -> AbstractContextManager[Any]:
        borrowed.append(role)
        return studio.borrow(role, **needs)

    explain("The disgusting soup stood on the table.", None, "en", replace(studio, borrow=borrow))
    assert len(borrowed) == 1


@pytest.mark.parametrize("language", ["en", "pt", "es", "fr", "it", "de", "ja"])
def test_the_reason_is_told_in_every_language(studio: Studio, language: str) -> None:
    told = why(explain("I hate you, liar!", None, "en", studio), language)
    assert "{" not in told
    assert told.endswith(".")


def test_what_has_no_words_has_no_reasons(studio: Studio) -> None:
    assert weigh("🙂 !!", "en", studio)[1] == ()
    assert why(explain("🙂", None, "en", studio), "en").startswith("Nothing")


def test_a_prompt_in_writing_is_not_heard(studio: Studio, events: list[Event]) -> None:
    assert hear(Prompt("A fox.", 1), studio) is None
    assert events == []


def test_a_recording_that_is_none_is_refused(studio: Studio) -> None:
    rubbish = studio.keep(b"\x00" * 5_000, ".wav")
    with pytest.raises(Refused, match="sound_"):
        hear(Prompt("", 1, recording=rubbish), studio)


def test_every_feeling_has_its_look() -> None:
    assert set(looks()) == set(Emotion)
    for look in looks().values():
        assert look.colour.startswith("#")
