"""Loudness agrees with the referee."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest

from pipeline.audio.loudness import SILENCE_LUFS, Meter, integrated, loudness, loudness_ungated
from pipeline.words.sound import RATE_HZ, Samples
from tests.pipeline.audio.making import music, speech

REFEREE = pyloudnorm.Meter(RATE_HZ)


@pytest.mark.parametrize(
    "sound",
    [speech(7.3), music(12.0), np.concatenate([music(5.0), music(5.0) * 0.02, music(3.3)]), speech(3.0)[:19_200]],
    ids=["speech", "music", "with a quiet middle", "one gating block"],
)
def test_it_agrees_with_pyloudnorm(sound: Samples) -> None:
    assert loudness(sound) == pytest.approx(REFEREE.integrated_loudness(sound), abs=0.1)


@pytest.mark.parametrize(("hz", "lufs"), [(997.0, -3.01), (100.0, -4.85)])
def test_a_full_sine_on_one_side_is_as_loud_as_the_recommendation_says(hz: float, lufs: float) -> None:
    sine = np.sin(2 * np.pi * hz * np.arange(5 * RATE_HZ) / RATE_HZ).astype(np.float32)
    assert loudness(sine) == pytest.approx(lufs, abs=0.05)


def test_both_sides_add_three() -> None:
    voice = speech(4.0)
    assert loudness(np.stack([voice, voice], axis=1)) - loudness(voice) == pytest.approx(3.01, abs=0.01)


@pytest.mark.parametrize("size", [1_000, 4_800, 31_337])
def test_a_meter_hears_the_same_in_blocks_of_any_size(size: int) -> None:
    sound, meter = music(9.0), Meter()
    for at in range(0, len(sound), size):
        meter.add(sound[at : at + size])
    assert meter.lufs == pytest.approx(loudness(sound), abs=1e-3)


def test_silence_and_nothing_are_silent() -> None:
    assert loudness(np.zeros(RATE_HZ, np.float32)) == SILENCE_LUFS
    assert loudness_ungated(np.zeros(0, np.float32)) == SILENCE_LUFS
    assert integrated(np.zeros(0)) == SILENCE_LUFS


def test_pauses_do_not_count_where_gates_close() -> None:
    spoken = np.concatenate([speech(4.0), np.zeros(8 * RATE_HZ, np.float32)])
    assert loudness(spoken) == pytest.approx(loudness(speech(4.0)), abs=0.3)
    assert loudness_ungated(spoken) < loudness(spoken) - 4
