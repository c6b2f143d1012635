"""Joins breathe and endings end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.artifacts import Artifacts
from pipeline.audio.dress import dress_bed
from pipeline.audio.live import Live
from pipeline.audio.room import room_of
from pipeline.music.ambience import KINDS, Ambiences
from pipeline.words.mood import Emotion, Mood
from pipeline.words.score import Cue
from pipeline.words.sound import RATE_HZ, Samples
from tests.pipeline.audio.making import TEMPO
from tests.pipeline.audio.test_bad_input import told

LENGTHS = (7 * RATE_HZ + 1, 9 * RATE_HZ, 5 * RATE_HZ)
TENTH = RATE_HZ // 10


@pytest.mark.parametrize("kind", list(KINDS))
def test_at_a_join_a_place_neither_swells_nor_sinks(kind: str) -> None:
    ambiences, start = Ambiences(7), 0
    own = ambiences.around([kind], 0, sum(LENGTHS) + 4 * RATE_HZ, [])
    assert own is not None
    heard, gains_db, joins = np.zeros_like(own), [], []
    for length in LENGTHS:
        nothing, ring = np.zeros((length, 2), np.float32), np.zeros((RATE_HZ, 2), np.float32)
        bare = Cue(nothing, nothing, ring, ring, TEMPO)
        around = ambiences.around([kind], start, length + 3 * RATE_HZ, [])
        dressed = dress_bed(bare, around, [], room_of((kind,)))
        heard[start : start + length] += dressed.bed
        heard[start + length : start + length + len(dressed.tail)] += dressed.tail
        middle = slice(start + RATE_HZ, start + length - RATE_HZ)
        gains_db.append(level_db(heard[middle]) - level_db(own[middle]))
        start += length
        joins.append(start)
    for join, before_db, after_db in zip(joins, gains_db, gains_db[1:], strict=False):
        for at in range(join - 2 * TENTH, join + 6 * TENTH, TENTH):
            gain_db = level_db(heard[at : at + TENTH]) - level_db(own[at : at + TENTH])
            assert min(before_db, after_db) - 0.3 <= gain_db <= max(before_db, after_db) + 0.3


def test_a_listener_who_waits_for_the_end_hears_nothing_twice(tmp_path: Path) -> None:
    sound, whole = told(tmp_path, [[(0.1, 3.0)], [(0.1, 3.0)]], Mood.pure(Emotion.JOY))
    live = Live(Artifacts(tmp_path).path)
    live.grow(replace(whole, whole=False))
    assert (live.next(len(sound)) == sound).all()
    waited = live.next(3 * RATE_HZ)
    live.grow(whole)
    rest = live.next(RATE_HZ)
    assert live.finished
    assert max(np.abs(waited).max(), np.abs(rest).max(initial=0)) < 1e-3
    assert len(rest) < RATE_HZ


def level_db(sound: Samples) -> float:
    return 10 * float(np.log10(np.square(sound).mean() + 1e-12))
