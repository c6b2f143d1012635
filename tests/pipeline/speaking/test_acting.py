"""How a line is played."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import Refused
from pipeline.speaking.acting import MOST_PITCH, TELLING_PACE, after_s, closing_s, manner_of, play
from pipeline.speaking.curve import LEVEL, curve_of, touch_at
from pipeline.words.mood import Emotion, Mood
from pipeline.words.story import Line, Passage


def passage(mood: Mood, *, closes_scene: bool = False) -> Passage:
    return Passage(0, 0, "", (), mood, closes_scene)


def test_joy_is_quicker_and_higher_than_sadness() -> None:
    line = Line("The door was open.", "Mira")
    joy, sadness = (play(line, passage(Mood.pure(one))) for one in (Emotion.JOY, Emotion.SADNESS))
    assert joy.pace > TELLING_PACE > sadness.pace
    assert joy.pitch_semitones > 0 > sadness.pitch_semitones


@pytest.mark.parametrize("verb", ["whispered", "sussurrou", "susurró", "chuchota", "sussurrò", "flüsterte"])
def test_a_whisper_is_breath_and_softer_in_every_language(verb: str) -> None:
    played = play(Line("Come here.", "Mira", verb), passage(Mood.pure(Emotion.NEUTRAL)))
    assert played.breath > 0.3
    assert played.energy_db < -2


@pytest.mark.parametrize("line", [Line("Come here!", "Mira", "shouted"), Line("WHO IS THERE?", "Mira")])
def test_shouting_is_louder(line: Line) -> None:
    assert play(line, passage(Mood.pure(Emotion.NEUTRAL))).energy_db > 1.5


def test_a_voice_keeps_within_its_bounds_whatever_comes_together() -> None:
    manners = ["", "whispered", "shouted", "growled", "laughed"]
    curve = curve_of("high! high! high!")
    pitches = [
        play(Line("No!", speaker, manner), passage(Mood.pure(mood)), curve[0]).pitch_semitones
        for mood, manner, speaker in product(Emotion, manners, ["narrator", "Mira"])
    ]
    assert max(pitches) - min(pitches) <= 2 * MOST_PITCH <= 2.5


def test_pauses_follow_punctuation_scene_and_suspense() -> None:
    calm, fear = Mood.pure(Emotion.NEUTRAL), Mood.pure(Emotion.FEAR)
    assert after_s("and then,") < after_s("and then.") < after_s("and then...")
    assert closing_s(passage(calm)) < closing_s(passage(fear)) < closing_s(passage(fear, closes_scene=True))


def test_a_plain_verb_changes_nothing() -> None:
    assert manner_of("said").pace == 1.0


def test_a_curve_is_drawn_in_one_line_of_any_language() -> None:
    slow, faster, hush = curve_of("slow ... faster! ... hush")
    assert slow.pace < 1 < faster.pace
    assert hush.energy_db < 0
    assert curve_of("devagar ... rápido") == curve_of("lento, vite")


def test_a_curve_passes_through_its_steps() -> None:
    curve = curve_of("slow ... plain ... loud")
    assert touch_at(curve, 0) == curve[0]
    assert touch_at(curve, 0.5) == LEVEL
    assert touch_at(curve, 1) == curve[2]
    assert curve[0].pace < touch_at(curve, 0.25).pace < 1


def test_a_word_the_curve_does_not_know_is_named() -> None:
    with pytest.raises(Refused) as refused:
        curve_of("slow ... purple")
    assert refused.value.fields["word"] == "purple"


@given(st.text(max_size=60), st.floats(0, 1))
def test_any_text_is_a_curve_or_is_refused(text: str, share: float) -> None:
    try:
        touch = touch_at(curve_of(text), share)
    except Refused:
        return
    assert 0.3 < touch.pace < 2
