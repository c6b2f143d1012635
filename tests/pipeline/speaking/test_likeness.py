"""The blend of our voices that comes nearest."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.errors import Missing
from pipeline.roles import Voice
from pipeline.speaking.likeness import nearest
from pipeline.speaking.voices import Traits, VoiceBook, blend_of
from pipeline.words.sound import RATE_HZ, Samples

BOOK = VoiceBook({"low": Traits(pitch_hz=100, grade=0.9), "high": Traits(pitch_hz=200, grade=0.9)})
VOICES = tuple(Voice(name, "en", "en-GB", "", "MIT") for name in BOOK.voices)


def buzz(hz: float) -> Samples:
    at_s = np.arange(2 * RATE_HZ) / RATE_HZ
    over = np.arange(1, 9)[:, None]
    return np.asarray(0.2 * (np.sin(2 * np.pi * hz * over * at_s) / over).sum(axis=0), np.float32)


@pytest.mark.parametrize("hz", [115.0, 141.0, 175.0])
def test_between_two_voices_the_shares_meet_the_speakers_pitch(hz: float) -> None:
    blended_hz = np.exp2(sum(np.log2(BOOK.traits(name).pitch_hz) * share for name, share in blend_of(near(hz))))
    assert blended_hz == pytest.approx(hz, rel=0.06)


def test_below_or_beside_one_voice_it_speaks_alone() -> None:
    assert near(80.0) == "low"
    assert near(104.0) == "low"
    assert near(196.0) == "high"


def test_without_a_clear_pitch_the_clearest_voice_of_the_language_speaks() -> None:
    assert nearest(np.zeros(RATE_HZ, np.float32), "en", VOICES, BOOK) in BOOK.voices
    with pytest.raises(Missing, match="language_unspoken"):
        nearest(buzz(120), "fi", VOICES, BOOK)


def near(hz: float) -> str:
    return nearest(buzz(hz), "en", VOICES, BOOK)
