"""A part of music alone is four tracks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
import pytest

from pipeline.artifacts import Artifacts
from pipeline.audio.decode import Stems
from pipeline.backends.compose_score import ScoreComposer
from pipeline.cancelled import Cancelled
from pipeline.errors import Unserved
from pipeline.music.synth import OwnPlayer
from pipeline.roles import Composer
from pipeline.telling.studio import Studio
from pipeline.telling.underscore import underscored
from pipeline.words.answer import Underscored
from pipeline.words.mood import Emotion, Mood
from pipeline.words.request import Underscore
from pipeline.words.sound import RATE_HZ, Samples

FEAR = Mood.pure(Emotion.FEAR)


@pytest.fixture(scope="module")
def keep(tmp_path_factory: pytest.TempPathFactory) -> Artifacts:
    return Artifacts(tmp_path_factory.mktemp("kept"))


def _part(keep: Artifacts, words: str, part: int = 0, **more: Any) -> Underscored:
    @contextmanager
    def borrow(role: type[Any], **needs: Any) -> Iterator[Any]:
        if role is not Composer:
            raise Unserved("role_unserved", role=role.__name__, **needs)
        yield ScoreComposer(OwnPlayer())

    studio = Studio(cast(Any, borrow), keep, cast(Any, None), lambda _event: None, Cancelled())
    return underscored(Underscore(words, "en", 5, part, seconds=16.0, **more), studio)


def _tracks(keep: Artifacts, made: Underscored) -> list[Samples]:
    stems = Stems(keep.path)
    return [stems.read(one, 0, made.samples) for one in made.tracks]


def test_rain_is_a_place_and_a_bell_happens(keep: Artifacts) -> None:
    bed, melody, place, effects = _tracks(keep, _part(keep, "tense, rain, a bell", mood=FEAR))
    for track in (bed, melody, place, effects):
        assert np.abs(track).max() > 1e-3
    assert not np.array_equal(place, effects)


def test_without_a_place_there_is_music_alone_and_an_unread_mood_is_calm(keep: Artifacts) -> None:
    made = _part(keep, "hmm")
    _, _, place, effects = _tracks(keep, made)
    assert made.mood.emotion is Emotion.NEUTRAL
    assert not place.any()
    assert not effects.any()


def test_the_next_part_is_another_and_goes_on_from_the_last(keep: Artifacts) -> None:
    first = _part(keep, "rain", mood=FEAR)
    then = _part(keep, "rain", 1, mood=FEAR, at=first.samples, carry=first.carry)
    assert then.samples >= 16 * RATE_HZ
    assert not np.array_equal(_tracks(keep, first)[0][:RATE_HZ], _tracks(keep, then)[0][:RATE_HZ])
