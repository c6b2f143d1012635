"""A voice's pitch."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.speaking.likeness import pitch_hz
from pipeline.words.sound import RATE_HZ, Samples


def buzz(hz: float, seconds: float, level: float) -> Samples:
    """As rich in overtones as a voice."""
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    partials = [np.sin(2 * np.pi * hz * nth * at) / nth for nth in range(1, 9)]
    return np.asarray(level * np.sum(partials, axis=0), np.float32)


@pytest.mark.parametrize("hz", [80.0, 120.0, 200.0, 300.0])
def test_a_steady_voice_has_its_own_pitch(hz: float) -> None:
    assert pitch_hz(buzz(hz, 1.0, 0.2)) == pytest.approx(hz, rel=0.02)


def test_soft_low_syllables_count_as_much_as_loud_high_ones() -> None:
    line = np.concatenate([buzz(200, 0.5, 0.3), buzz(100, 0.5, 0.06)])
    assert pitch_hz(line) == pytest.approx(141, rel=0.06)


def test_noise_has_no_pitch() -> None:
    with pytest.raises(ValueError, match="voiced"):
        pitch_hz(np.random.default_rng(1).normal(0, 0.1, RATE_HZ).astype(np.float32))
