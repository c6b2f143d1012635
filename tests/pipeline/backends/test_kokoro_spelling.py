"""Unspaced text, ready for Kokoro."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.backends.kokoro.espeak_phonemes import Spelled
from pipeline.backends.kokoro.spelling import Spelling, pieces
from pipeline.errors import Missing
from pipeline.shelf.manifest import read_manifest
from pipeline.speaking.voices import espeak_dialects

SPELLING = Spelling()


def signs(text: str, locale: str) -> str:
    from kokoro_onnx.config import DEFAULT_VOCAB

    return "".join(piece.signs for piece in pieces(SPELLING.spell(text, locale), locale, DEFAULT_VOCAB))


def written(spelled: tuple[Spelled, ...]) -> str:
    return "".join(word for one in spelled for word in one.words)


def test_marks_are_those_the_model_knows_and_stay_where_they_were() -> None:
    said = signs("他说：「走吧！」，然后……走了。", "zh-CN")
    assert "“" in said
    assert "!”," in said
    assert said.endswith(".")
    assert "……" not in said


def test_a_figure_stays_as_it_was_written() -> None:
    spelled = SPELLING.spell("他有12个苹果。", "zh-CN")
    assert written(spelled) == "他有12个苹果。"
    assert any("12" in one.words[0] and "ʂɨ↗" in one.phonemes for one in spelled)


def test_every_language_the_manifest_promises_can_be_spelled() -> None:
    locales = {locale[:2]: locale for locale in espeak_dialects()}
    languages = read_manifest()["kokoro-82m"].languages
    assert {"ja", "zh"} <= set(languages)
    assert all(signs("3", locales[language]) for language in languages)


def test_a_language_whose_reader_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lindera", None)
    with pytest.raises(Missing, match="language_unspoken"):
        Spelling().spell("猫", "ja-JP")
    assert Spelling().spell("猫", "zh-CN")


def test_foreign_letters_are_read_as_english() -> None:
    said = signs("他说Hello，走了", "zh-CN")
    assert "həlˈO" in said
    assert signs("猫のTomは", "ja-JP").count("tˈ") == 1


def test_sounds_given_in_phonemes_are_taken_as_they_are() -> None:
    spelled = SPELLING.spell("女王 /nʲiɾeɯsɨ/ が来た。", "ja-JP")
    assert ("/nʲiɾeɯsɨ/",) in [one.words for one in spelled]
    assert "nʲiɾeɯsɨ" in signs("女王 /nʲiɾeɯsɨ/ が来た。", "ja-JP")


@pytest.mark.parametrize(("text", "locale"), [("……", "zh-CN"), ("「」", "ja-JP"), ("~", "ja-JP"), ("", "zh-CN")])
def test_a_mark_alone_leaves_nothing_to_say(text: str, locale: str) -> None:
    assert signs(text, locale) == ""


@settings(deadline=None)  # the first example loads both dictionaries
@given(
    st.text(alphabet="他有3个苹果猫がキャ1.5%「」（…—。！a é/- 　", max_size=40),
    st.sampled_from(["zh-CN", "ja-JP"]),
)
def test_the_words_joined_are_what_was_given(text: str, locale: str) -> None:
    assert written(SPELLING.spell(text, locale)) == "".join(text.split())
