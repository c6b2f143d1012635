"""Written words as they are spoken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.speaking.spoken import plain, speakable, spoken


def said(text: str, language: str, say_as: dict[str, str] | None = None) -> str:
    return " ".join(one.spoken for one in spoken(text, language, say_as) if one.spoken)


@pytest.mark.parametrize(
    ("language", "text", "aloud"),
    [
        ("en", "Dr. Smith paid $5 in 1987.", "Doctor Smith paid five dollars in nineteen eighty-seven."),
        ("en", "the 3rd time, at 10:30", "the third time, at ten thirty"),
        ("en", "on 3/12/1987!", "on March twelfth, nineteen eighty-seven!"),
        ("pt", "O Sr. João tinha R$ 20.", "O senhor João tinha vinte reais."),
        ("pt", "3,5 kg", "três vírgula cinco quilos"),
        ("es", "La Sra. Ruiz, el 12/03/2024", "La señora Ruiz, el doce de marzo de dos mil veinticuatro"),
        ("fr", "le 1er mai, 1 234 km", "le premier mai, mille deux cent trente-quatre kilomètres"),
        ("it", "il 50%", "il cinquanta per cento"),
        ("de", "25°", "fünfundzwanzig Grad"),
        ("ja", "3つ", "3つ"),
    ],
)
def test_numbers_dates_and_abbreviations_are_words(language: str, text: str, aloud: str) -> None:
    assert said(text, language) == aloud


def test_markdown_links_mentions_and_emoji_are_not_read_out() -> None:
    text = "**Bold** _and_ `code` [a link](https://x.example/y) <@123456> https://www.example.com/a?b=1 😀🐉"
    assert plain(text) == "Bold and code a link example.com"


def test_the_servers_own_pronunciation_wins_whatever_the_case() -> None:
    assert said('"NIREUS," she said.', "en", {"Nireus": "/ˈnɪərəs/"}) == '"/ˈnɪərəs/," she said.'
    assert said("Xochitl ran", "en", {"xochitl": "so-cheel"}) == "so-cheel ran"


def test_nothing_is_spoken_for_emoji_alone() -> None:
    assert not speakable("😀🎉 … !!!")
    assert speakable("é")


@given(st.text(max_size=300), st.sampled_from(["en", "pt", "es", "fr", "it", "de", "hi", "ja", "zh", "xx"]))
def test_no_text_breaks_the_front_end(text: str, language: str) -> None:
    words = spoken(text, language)
    assert [one.written for one in words] == plain(text).split()


@given(st.lists(st.sampled_from(["dog", "ran", "home", "sea", "night"]), min_size=1))
def test_ordinary_words_stay_themselves(words: list[str]) -> None:
    assert said(" ".join(words), "en") == " ".join(words)
