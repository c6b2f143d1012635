"""The text head comes out the same again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from pipeline.backends.text_e5 import TextHead
from pipeline.words.mood import Emotion
from tests.mood.folds import folds_of
from tests.mood.sentences import Sentence, calibration, training
from tests.mood.text_training import evened, train_on


def test_training_twice_gives_the_same_bytes(weights: Callable[[str], Mapping[str, Path]], tmp_path: Path) -> None:
    weights("e5-small")
    ours, asked, remarks = training()[::53], calibration()[::17], calibration()[1::17]
    for name in ("one.npz", "two.npz"):
        train_on(ours, asked, remarks, tmp_path / name, _quiet)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    head = TextHead.shipped(tmp_path / "one.npz")
    assert np.allclose(head.shares(np.zeros((2, len(head.centre)), np.float32)).sum(axis=1), 1.0)


def test_a_sentence_and_its_translation_share_a_fold() -> None:
    chance = np.random.default_rng(5)
    english = chance.normal(size=(30, 40))
    french = english + 0.2 * chance.normal(size=(30, 40)) + 7.0
    folds = folds_of(np.vstack([english, french]), ["en"] * 30 + ["fr"] * 30, 4)
    assert (folds[:30] == folds[30:]).all()
    assert len(set(folds.tolist())) > 1


def test_a_common_class_is_cut_to_the_most() -> None:
    many = [Sentence(str(number), Emotion.JOY, "en") for number in range(9)]
    few = [Sentence("x", Emotion.FEAR, "en")]
    assert [one.emotion for one in evened([*many, *few], 3)] == [Emotion.JOY] * 3 + [Emotion.FEAR]


def _quiet(_: str) -> None:
    return
