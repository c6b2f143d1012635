"""A sequel goes on from the last tale."""

from __future__ import annotations

import pytest

from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Before, Prompt
from pipeline.words.story import Plan
from pipeline.writing.joints import joints_of
from pipeline.writing.sequels import closing_of
from pipeline.writing.told_lines import plain_text
from pipeline.writing.tongue import tongues
from tests.pipeline.writing.telling import planned

CLOSING = "The star hangs over the gate now, and gives a light to whoever is late."
BEFORE = Before(
    "Mira and the Star",
    {
        "hero": "Mira", "who": "a baker", "thing": "a star", "place": "in the old harbour", "frame": "find",
        "met": "the clerk|f|person", "closing": CLOSING,
    },
    "Mira found a star.",
    {},
)  # fmt: skip


def _text(made: Plan) -> str:
    return plain_text(" ".join(turn for beat in made.beats for turn in beat.turns))


def test_a_sequel_begins_where_the_last_tale_stood_and_meets_its_people_again() -> None:
    made = planned(Prompt("", 4, before=BEFORE, language="en"))
    text = _text(made)
    assert made.shape != "find"
    assert CLOSING in text[:200]
    assert "Mira" in text
    assert "the clerk" in text.lower()
    assert "star" in text.replace(CLOSING, "")


@pytest.mark.parametrize("language", sorted(tongues()))
def test_every_language_knows_how_to_go_on(language: str) -> None:
    joints = joints_of(language)
    assert all("{closing}" in line for line in joints.onward)
    assert joints.returns
    assert "Mira" in _text(planned(Prompt("", 2, before=BEFORE, language=language)))


def test_a_sequel_of_a_tale_told_as_written_is_a_sound_tale() -> None:
    made = planned(Prompt("what happened next?", 3, before=Before("My poem", {}, "", {})))
    assert len(_text(made).split()) > 100


def test_the_last_picture_is_kept_for_a_sequel() -> None:
    made = planned(Prompt("A lighthouse keeper befriends a storm", 1))
    assert made.closing
    assert made.closing in _text(made)
    assert (
        closing_of("It went on. @N “Good,” said Mira. The lamp burns there to this day.")
        == "The lamp burns there to this day."
    )


def test_the_same_wish_in_another_mood_is_another_frame() -> None:
    wish = "A girl named Juno keeps a key"
    moods = (Emotion.SADNESS, Emotion.ANGER, Emotion.FEAR, Emotion.JOY)
    frames = {planned(Prompt(wish, 2, mood=one), Feeling(Mood.pure(one), rule="asked")).shape for one in moods}
    assert len(frames) == len(moods), frames


@pytest.mark.parametrize("mood", [Emotion.ANGER, Emotion.JOY])
def test_whoever_mourns_is_told_of_that_in_whatever_voice_it_is_said(mood: Emotion) -> None:
    assert planned(Prompt("my cat died", 3, mood=mood), Feeling(Mood.pure(mood), rule="asked")).shape == "goodbye"
