"""Chords that follow one another."""

from __future__ import annotations

import itertools
import random

import pytest

from pipeline.music.harmony import MODES, cadence, chord_of, dominant_of, harmony_at, lead_voices


@pytest.mark.parametrize("mode", list(MODES))
def test_every_phrase_leaves_home_and_every_second_one_returns(mode: str) -> None:
    home = chord_of(2, mode, 0)
    for seed in range(20):
        bars = [harmony_at(str(seed), 2, mode, place) for place in range(8)]
        assert bars[0] == bars[7] == home
        assert home not in (bars[2], bars[3], bars[5], bars[6])


def test_a_chord_depends_on_its_place_alone() -> None:
    """Passages may ask in any order and get the same harmony."""
    forwards = [harmony_at("seed", 5, "aeolian", place) for place in range(16)]
    backwards = [harmony_at("seed", 5, "aeolian", place) for place in reversed(range(16))]
    assert forwards == backwards[::-1]


def test_a_tale_ends_by_the_dominant() -> None:
    assert cadence(7, "ionian", 3)[1:] == [dominant_of(7), (7, 11, 2)]
    assert cadence(7, "phrygian", 1) == [chord_of(7, "phrygian", 0)]


def test_voices_move_little_and_seldom_in_parallel() -> None:
    rng = random.Random(3)
    moves, parallels, changes = 0.0, 0, 0
    before: tuple[int, ...] = ()
    for seed in range(40):
        tonic, mode = rng.randrange(12), rng.choice(list(MODES))
        for place in range(8):
            chord = harmony_at(str(seed), tonic, mode, place)
            bass = 36 + chord[0]
            voices = lead_voices(chord, before, bass, (52, 69))
            assert len(set(voices)) == 3
            assert {voice % 12 for voice in voices} <= set(chord)
            if place:
                moves += sum(abs(new - old) for new, old in zip(voices, before[:3], strict=True)) / 3
                parallels += _parallels((*voices, bass), before)
                changes += 1
            before = (*voices, bass)
    assert moves / changes < 2.0
    assert parallels / changes < 0.01


def _parallels(now: tuple[int, ...], before: tuple[int, ...]) -> bool:
    return any(
        (now[i] - now[j]) % 12 in (0, 7) and (now[i] - now[j]) == (before[i] - before[j]) and now[i] != before[i]
        for i, j in itertools.combinations(range(4), 2)
    )
