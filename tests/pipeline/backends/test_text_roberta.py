"""DistilRoBERTa, small, with random weights."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.backends.text_e5 import UNSURE
from pipeline.backends.text_roberta import MOST_TOKENS, RobertaReader, open_backend
from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled
from pipeline.words.mood import Emotion
from tests.pipeline.conftest import Tiny

pytestmark = pytest.mark.gpu_stack
SAID = "The keeper was glad. Then the lamp went out!"


@pytest.fixture(scope="module")
def reader(tiny: Tiny) -> Iterator[RobertaReader]:
    opened = open_backend(tiny("roberta"), 1)
    yield opened
    opened.close()


def test_its_labels_are_read_in_its_own_order(reader: RobertaReader) -> None:
    import torch

    with torch.inference_mode():
        reader.__dict__["_model"].classifier.out_proj.bias.copy_(torch.tensor([0, 0, 9.0, 0, 0, 0, 0]))
    (mood,) = reader.read([SAID], "en", Cancelled())
    with torch.inference_mode():
        reader.__dict__["_model"].classifier.out_proj.bias.zero_()
    assert mood.emotion is Emotion.FEAR
    assert mood.weights[Emotion.FEAR] > 0.9
    assert set(mood.weights) == set(Emotion)
    assert sum(mood.weights.values()) == pytest.approx(1)


def test_a_long_text_is_cut(reader: RobertaReader) -> None:
    (mood,) = reader.read(["word " * (3 * MOST_TOKENS)], "en", Cancelled())
    assert 0 < mood.certainty < 1


def test_many_sentences_read_alike_alone_and_together(reader: RobertaReader) -> None:
    one, two = reader.read(["The lamp went out!"] * 2, "en", Cancelled())
    assert one == two
    (many,) = reader.read(["The lamp went out! " * 20], "en", Cancelled())
    assert many.weights[Emotion.JOY] == pytest.approx(one.weights[Emotion.JOY], abs=1e-5)


def test_another_language_and_nothing_at_all_are_uncertain(reader: RobertaReader) -> None:
    (portuguese,) = reader.read(["Que alegria!"], "pt", Cancelled())
    (nothing,) = reader.read(["  "], "en", Cancelled())
    assert portuguese.certainty == nothing.certainty == UNSURE
    assert portuguese.emotion is nothing.emotion is Emotion.NEUTRAL


def test_reading_stops_when_asked(reader: RobertaReader) -> None:
    check = Cancelled()
    check.set()
    with pytest.raises(TaleCancelled):
        reader.read([SAID], "en", check)
