"""Figures in Chinese and Japanese numerals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.speaking.counted import counted


def said(text: str, language: str) -> str:
    return "".join(heard for heard, _ in counted(text, language))


@pytest.mark.parametrize(
    ("language", "text", "aloud"),
    [
        ("zh", "他有3个苹果", "他有三个苹果"),
        ("zh", "2个人，2月", "两个人,二月"),
        ("zh", "105只，110，10005", "一百零五只,一百一十,一万零五"),
        ("zh", "120000和12", "十二万和十二"),
        ("zh", "1987年", "一九八七年"),
        ("zh", "2024/3/12", "二零二四年三月十二日"),
        ("zh", "50%，-5°", "百分之五十,负五度"),
        ("zh", "¥20.5", "二十点五元"),
        ("zh", "2:30出门", "两点三十分出门"),
        ("ja", "3つ", "三つ"),
        ("ja", "1987年に", "千九百八十七年に"),
        ("ja", "１０:００", "十時"),
        ("ja", "12,500円", "一万二千五百円"),
        ("ja", "$5", "五ドル"),
        ("ja", "007", "零零七"),
        ("en", "3 owls", "3 owls"),
    ],
)
def test_figures_are_said_as_the_language_counts(language: str, text: str, aloud: str) -> None:
    assert said(text, language) == aloud


@given(st.text(alphabet="他有0123456789.,:/-¥%°年個 ", max_size=40), st.sampled_from(["zh", "ja", "en"]))
def test_nothing_of_what_was_given_is_lost(text: str, language: str) -> None:
    pairs = counted(text, language)
    assert "".join(given for _, given in pairs) == text
    assert all(heard for heard, _ in pairs)


@given(st.integers(0, 10**16 - 1))
def test_every_number_can_be_read_back(value: int) -> None:
    digits = {char: at for at, char in enumerate("零一二三四五六七八九")}
    scales = {"十": 10, "百": 100, "千": 1_000}
    whole = four = digit = 0
    for char in said(str(value), "zh"):
        if char in digits:
            digit = digits[char]
        elif char in scales:
            four, digit = four + (digit or 1) * scales[char], 0
        else:
            whole, four, digit = whole + (four + digit) * {"万": 10**4, "亿": 10**8, "兆": 10**12}[char], 0, 0
    assert whole + four + digit == value
