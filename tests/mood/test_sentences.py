"""Training and test keep apart."""

from __future__ import annotations

from collections import Counter

from pipeline.words.mood import Emotion
from tests.mood.sentences import LANGUAGES, calibration, four_grams, held_out, training


def test_no_test_sentence_shares_four_words_in_a_row_with_training() -> None:
    learned = set().union(*(four_grams(one.text) for one in (*training(), *calibration())))
    assert [one.text for one in held_out() if four_grams(one.text) & learned] == []


def test_there_are_enough_sentences_of_every_class() -> None:
    counts = Counter((one.language, one.emotion) for one in training())
    for emotion in Emotion:
        assert counts["en", emotion] >= 100
        assert all(counts[language, emotion] >= 40 for language in LANGUAGES)


def test_no_sentence_is_there_twice() -> None:
    texts = [one.text.casefold() for one in (*training(), *calibration(), *held_out())]
    assert [text for text, count in Counter(texts).items() if count > 1] == []


def test_half_of_the_test_names_no_feeling() -> None:
    for language in LANGUAGES:
        named = [one.named for one in held_out() if one.language == language]
        assert 0.45 <= sum(named) / len(named) <= 0.55


def test_classes_weigh_alike_in_the_test() -> None:
    counts = Counter((one.language, one.emotion) for one in held_out())
    assert {counts[language, emotion] for language in ("pt", "es", "fr") for emotion in Emotion} == {10}
    assert {counts["en", emotion] for emotion in Emotion} == {25}
