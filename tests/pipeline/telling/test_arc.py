"""The course of feeling."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from pipeline.telling.reread import arc_of
from pipeline.words.mood import Emotion, Mood

JOY, SAD, CALM = Mood.pure(Emotion.JOY), Mood.pure(Emotion.SADNESS), Mood.pure(Emotion.NEUTRAL)


def test_a_turn_is_marked_where_the_feeling_turns() -> None:
    assert arc_of([JOY, JOY, SAD, SAD, JOY]).turns == (2, 4)


def test_a_turn_is_not_smoothed_away() -> None:
    arc = arc_of([JOY, JOY, SAD, SAD])
    assert [mood.emotion for mood in arc.moods] == [Emotion.JOY, Emotion.JOY, Emotion.SADNESS, Emotion.SADNESS]


def test_neighbours_without_a_turn_between_them_draw_together() -> None:
    warm = Mood.of({Emotion.JOY: 0.55, Emotion.NEUTRAL: 0.45})
    arc = arc_of([warm, CALM])
    assert not arc.turns
    assert CALM.valence < arc.moods[1].valence < warm.valence


@given(some.lists(some.lists(some.floats(0.01, 1), min_size=7, max_size=7), max_size=8))
def test_smoothed_moods_are_moods(rows: list[list[float]]) -> None:
    felt = [Mood.of(dict(zip(Emotion, row, strict=True)), certainty=0.5) for row in rows]
    arc = arc_of(felt)
    assert len(arc.moods) == len(felt)
    for mood in arc.moods:
        assert abs(sum(mood.weights.values()) - 1) < 1e-9
        assert 0 <= mood.arousal <= 1
        assert -1 <= mood.valence <= 1
