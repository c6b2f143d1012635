"""Bars bent to the cut."""

from __future__ import annotations

import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.music.grid import METRES, fit_bars
from pipeline.music.notes import samples_of
from pipeline.music.palette import read_palettes
from pipeline.words.mood import Emotion
from pipeline.words.sound import RATE_HZ

PALETTES = read_palettes()


@given(
    samples=st.integers(1, 20 * 60 * RATE_HZ),
    emotion=st.sampled_from(list(Emotion)),
    metre=st.sampled_from([3, 4]),
    steady=st.none() | st.floats(40, 200),
)
def test_bars_never_cut_speech_short_nor_leave_the_moods_tempo(
    samples: int, emotion: Emotion, metre: int, steady: float | None
) -> None:
    least, _, most = PALETTES[emotion].bpm
    tempo = fit_bars(samples, metre, PALETTES[emotion].bpm, steady)
    assert samples_of(tempo, tempo.bars) >= samples
    assert least - 0.01 <= tempo.bpm <= most
    assert tempo.bars >= 1
    assert tempo.metre in METRES


@pytest.mark.parametrize("emotion", list(Emotion))
def test_passages_wait_little_for_their_bars_and_keep_the_scenes_tempo(emotion: Emotion) -> None:
    rng = random.Random(emotion)
    waits_s, bends = [], []
    for scene in range(60):
        steady: float | None = None
        metre = PALETTES[emotion].metres[scene % len(PALETTES[emotion].metres)]
        for _ in range(4):
            samples = round(rng.uniform(3, 8.6) * RATE_HZ)
            tempo = fit_bars(samples, metre, PALETTES[emotion].bpm, steady)
            waits_s.append((samples_of(tempo, tempo.bars) - samples) / RATE_HZ)
            bends.append(abs(tempo.bpm / (steady or tempo.bpm) - 1))
            steady = steady or tempo.bpm
    assert statistics.mean(waits_s) <= 0.25
    assert statistics.mean(bends) <= 0.05
    assert max(bends) <= 0.13
