"""Joined speech and its places."""

from __future__ import annotations

import numpy as np

from pipeline.backends.voice_head import SpeechSpan, joined, original_s

SPANS = (SpeechSpan(100, 200), SpeechSpan(400, 700))


def test_silence_is_left_out() -> None:
    samples = np.arange(1000, dtype=np.float32)
    assert joined(samples, SPANS).tolist() == [*range(100, 200), *range(400, 700)]


def test_a_moment_is_found_again_in_the_recording() -> None:
    assert original_s(0.5, SPANS, 100) == 1.5
    assert original_s(1.5, SPANS, 100) == 4.5
    assert original_s(99.0, SPANS, 100) == 7.0
