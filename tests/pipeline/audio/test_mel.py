"""Mel bands are those of the field's libraries."""

from __future__ import annotations

import numpy as np

from pipeline.audio.mel import mel_power


def test_bands_are_whispers() -> None:
    from faster_whisper.feature_extractor import FeatureExtractor

    theirs = FeatureExtractor()
    sound = np.random.default_rng(1).normal(0, 0.1, 16_000).astype(np.float32)
    ours = np.log10(np.maximum(mel_power(sound, 16_000, 80, 400, 160), 1e-10)).T[:, :-1]
    ours = (np.maximum(ours, ours.max() - 8) + 4) / 4
    assert np.abs(ours - theirs(sound, padding=0)[:, : ours.shape[1]]).max() < 1e-3


def test_a_tone_stands_in_the_band_that_is_its_own() -> None:
    time_s = np.arange(16_000) / 16_000
    bands = [int(mel_power(np.sin(2 * np.pi * hz * time_s).astype(np.float32), 16_000, 40, 400, 160)[50].argmax())
             for hz in (200, 400, 1_000, 4_000)]  # fmt: skip
    assert bands == sorted(set(bands))
