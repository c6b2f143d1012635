"""Peaks are found and held."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from pipeline.audio.dynamics import limited, true_peak
from pipeline.words.sound import RATE_HZ, Samples
from tests.pipeline.audio.making import music, speech

CEILING = 0.5


def oversampled_peak(samples: Samples) -> float:
    return float(np.abs(resample_poly(samples.astype(np.float64), 8, 1, axis=0)).max())


def test_a_peak_between_two_samples_is_found() -> None:
    at = np.arange(RATE_HZ)
    hidden = np.sin(np.pi / 2 * at + np.pi / 4).astype(np.float32) * np.hanning(RATE_HZ).astype(np.float32)
    assert np.abs(hidden).max() < 0.72
    assert true_peak(hidden) == pytest.approx(1.0, abs=0.02)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), gain=st.floats(0.1, 40), stereo=st.booleans(), length=st.integers(1, 3 * RATE_HZ))
def test_nothing_passes_the_ceiling(seed: int, gain: float, stereo: bool, length: int) -> None:
    sound = (music(3.0, seed) if stereo else speech(3.0, seed))[:length] * np.float32(gain)
    held = limited(sound, CEILING)
    assert held.shape == sound.shape
    assert np.abs(held).max() <= CEILING * 1.0001
    # Cut off in the middle of a wave, a sound overshoots more than any that fades.
    assert oversampled_peak(np.pad(held, ((99, 99), *((0, 0),) * (held.ndim - 1)))) <= CEILING * 1.06


def test_what_is_quiet_stays_bit_for_bit() -> None:
    sound = music(2.0, level=0.05)
    assert limited(sound, CEILING) is sound


def test_the_gain_moves_before_the_peak_and_never_jumps() -> None:
    calm = np.full(RATE_HZ, 0.2, np.float32)
    burst = calm.copy()
    burst[RATE_HZ // 2 : RATE_HZ // 2 + 480] = 0.9
    gain = limited(burst, CEILING) / burst
    assert gain[RATE_HZ // 2] <= CEILING / 0.9 + 1e-4
    assert np.abs(np.diff(gain)).max() < 0.005
    assert gain[0] == gain[-1] == 1.0


def test_both_sides_move_together() -> None:
    one_sided = np.stack([speech(2.0, level=2.0), np.full(2 * RATE_HZ, 0.1, np.float32)], axis=1)
    held = limited(one_sided, CEILING)
    loud = np.abs(one_sided[:, 0]) > 1e-3
    assert np.allclose(held[loud, 0] / one_sided[loud, 0], held[loud, 1] / one_sided[loud, 1], atol=1e-4)


@pytest.mark.parametrize("length", [0, 1, 47, 48, 49])
def test_the_shortest_sounds_are_held_too(length: int) -> None:
    assert np.abs(limited(np.full(length, 2.0, np.float32), CEILING)).max(initial=0) <= CEILING * 1.0001
