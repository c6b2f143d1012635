"""A room answers as it should."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.audio.colour import ringing
from pipeline.audio.room import ROOMS, STUDIO, answer, room_of
from pipeline.audio.surroundings import in_place
from pipeline.words.mood import Emotion, Mood
from pipeline.words.sound import RATE_HZ, Samples
from pipeline.words.story import Passage

MOOD = Mood.pure(Emotion.NEUTRAL)


@pytest.mark.parametrize("name", ["studio", *ROOMS])
def test_a_room_answers_as_loudly_and_as_long_as_it_says(name: str) -> None:
    room = ROOMS.get(name, STUDIO)
    heard = answer(room)
    assert len(heard) == int(room.reverb_s * RATE_HZ)
    assert 10 * np.log10(np.square(heard).sum()) == pytest.approx(room.wet_db, abs=0.01)
    energy = np.square(heard)
    third = len(energy) // 3
    assert energy[:third].sum() > 3 * energy[2 * third :].sum(), "it dies away"


@pytest.mark.parametrize(("small", "big"), [("room", "hall"), ("room", "cave"), ("crowd", "hall")])
def test_a_bigger_room_answers_later_and_longer(small: str, big: str) -> None:
    assert _half_s(answer(ROOMS[small])) < _half_s(answer(ROOMS[big]))


def test_a_sound_rings_out_to_its_end() -> None:
    click = np.zeros(100, np.float32)
    click[0] = 1.0
    heard = ringing(click, room_of(("cave",)))
    assert heard[0] == pytest.approx(1.0, abs=1e-3)
    assert len(heard) == 99 + len(answer(ROOMS["cave"]))


def test_a_scene_stays_in_its_room_until_another_is_named() -> None:
    texts = ("They stood in the great hall.", "Nobody spoke.", "Then the sea came in.", "It was cold.")
    rooms, before = [], None
    for index, text in enumerate(texts):
        before = in_place(Passage(0, index, text, (), MOOD), "en", before)
        rooms.append(before.room)
    assert rooms == ["hall", "hall", "sea", "sea"]
    assert in_place(Passage(1, 4, "Another day.", (), MOOD), "en", before).room == ""


def _half_s(response: Samples) -> float:
    energy = np.cumsum(np.square(response))
    return float(np.searchsorted(energy, energy[-1] / 2)) / RATE_HZ
