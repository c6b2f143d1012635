"""emotion2vec, small, with random weights."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from pipeline.backends.voice_emotion2vec import Emotion2Vec, open_backend
from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled, Unwell
from pipeline.words.mood import Emotion
from pipeline.words.sound import Recording
from tests.pipeline.conftest import Tiny

pytestmark = pytest.mark.gpu_stack
HISS = np.random.default_rng(1).normal(0, 0.1, 25 * 16_000).astype(np.float32)


@pytest.fixture(scope="module")
def reader(tiny: Tiny) -> Iterator[Emotion2Vec]:
    opened = open_backend(tiny("emotion2vec"), 1)
    yield opened
    opened.close()


def test_a_clip_shorter_than_its_first_kernel_is_read(reader: Emotion2Vec) -> None:
    for length in (0, 1, 200):
        mood, evidence = reader.read(Recording(HISS[:length], 16_000), Cancelled())
        assert sum(mood.weights.values()) == pytest.approx(1)
        assert len(evidence) == 1


def test_a_long_recording_is_read_in_windows_each_its_own_evidence(reader: Emotion2Vec) -> None:
    mood, evidence = reader.read(Recording(HISS, 16_000), Cancelled())
    assert sorted((one.start_s, one.end_s) for one in evidence) == [(0.0, 10.0), (10.0, 20.0), (20.0, 25.0)]
    assert all(one.emotion is mood.emotion for one in evidence)
    assert set(mood.weights) == set(Emotion)


def test_any_rate_is_heard_at_its_own(reader: Emotion2Vec) -> None:
    import soxr

    high = soxr.resample(HISS[:32_000], 16_000, 48_000)
    one, _ = reader.read(Recording(HISS[:32_000], 16_000), Cancelled())
    other, _ = reader.read(Recording(high, 48_000), Cancelled())
    assert other.weights[Emotion.JOY] == pytest.approx(one.weights[Emotion.JOY], abs=0.02)


def test_what_its_library_disturbs_is_put_back(tiny: Tiny) -> None:
    import torch

    root = logging.getLogger()
    random.seed(7)
    torch.manual_seed(7)
    before = (root.level, list(root.handlers), random.getstate(), torch.get_rng_state().tolist())
    drawn = str(np.random.get_state())  # noqa: NPY002 - the very one the library seeds
    reader = open_backend(tiny("emotion2vec"), 1)
    reader.read(Recording(HISS[:32_000], 16_000), Cancelled())
    reader.close()
    after = (root.level, list(root.handlers), random.getstate(), torch.get_rng_state().tolist())
    assert after == before
    assert str(np.random.get_state()) == drawn  # noqa: NPY002 - as above
    assert torch.get_num_threads() == 1


def test_reading_stops_between_two_windows(reader: Emotion2Vec) -> None:
    check = Cancelled()
    check.set()
    with pytest.raises(TaleCancelled):
        reader.read(Recording(HISS, 16_000), check)


def test_weights_of_something_else_are_refused(tiny: Tiny, tmp_path: Path) -> None:
    import torch

    files = _beside(tiny("emotion2vec"), tmp_path)
    torch.save({"model": {"d2v_model.something": torch.zeros(1)}}, tmp_path / "model.pt")
    with pytest.raises(Unwell, match="model_unreadable"):
        open_backend(files, 1)


def _beside(files: Mapping[str, Path], folder: Path) -> Mapping[str, Path]:
    for name in ("config.yaml", "tokens.txt"):
        (folder / name).symlink_to(files[name])
    return {**{name: folder / name for name in files}, "model.pt": folder / "model.pt"}
