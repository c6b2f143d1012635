"""A sharp s is softened, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.audio.dress import MOST_HISS_DB, softened
from pipeline.words.sound import RATE_HZ, Samples
from tests.pipeline.audio.making import speech

BURST = slice(RATE_HZ, RATE_HZ + RATE_HZ // 8)


def hissing(level_db: float) -> tuple[Samples, Samples]:
    """A dark line, and the same with an s so far above it."""
    at_s = np.arange(3 * RATE_HZ) / RATE_HZ
    dark = np.asarray(0.1 * np.sin(2 * np.pi * 200 * at_s) * np.sin(2 * np.pi * 1.5 * at_s), np.float32)
    whistle = np.sin(2 * np.pi * 7_500 * at_s[BURST]) * np.hanning(len(at_s[BURST]))
    loud = dark.copy()
    loud[BURST] += (whistle * np.sqrt(np.square(dark).mean() * 2) * 10 ** (level_db / 20)).astype(np.float32)
    return dark, loud


@pytest.mark.parametrize("level_db", [3.0, 6.0, 9.0])
def test_a_whistling_s_comes_down_to_what_other_voices_have(level_db: float) -> None:
    dark, loud = hissing(level_db)
    left = softened(loud) - dark
    tick = RATE_HZ // 200
    loudest = np.sqrt(np.square(left).reshape(-1, tick).mean(axis=1)).max()
    assert 20 * np.log10(loudest / np.sqrt(np.square(dark).mean())) == pytest.approx(MOST_HISS_DB, abs=1.0)


def test_away_from_the_s_the_line_stays_as_it_is() -> None:
    _, loud = hissing(9.0)
    changed = np.abs(softened(loud) - loud)
    assert changed[: BURST.start - RATE_HZ // 50].max() < 1e-4
    assert changed[BURST.stop + RATE_HZ // 50 :].max() < 1e-4


def test_a_soft_line_is_not_touched() -> None:
    dark, _ = hissing(0.0)
    assert softened(dark) is dark


@pytest.mark.parametrize("samples", [0, 1, 50, 300])
def test_the_shortest_sound_keeps_its_length(samples: int) -> None:
    assert len(softened(speech(1.0)[:samples])) == samples
    assert np.isfinite(softened(np.zeros(samples, np.float32))).all()
