"""What members write harms nobody."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.escape import MOST_MARKS, named_in, shown, told_of

ANA = "123456789012345678"


@pytest.mark.parametrize(
    ("wrote", "reads"),
    [
        ("@everyone come", "@\u200beveryone come"),
        (f"<@{ANA}> and <@&{ANA}>", f"\\<@\u200b{ANA}\\> and \\<@\u200b&{ANA}\\>"),
        ("[free](https://evil.example)", "\\[free\\](https\u200b://evil.example)"),
        ("# LOUD", "\\# LOUD"),
        ("||boo|| **a** ~~b~~ `c`", "\\|\\|boo\\|\\| \\*\\*a\\*\\* \\~\\~b\\~\\~ \\`c\\`"),
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("a\u200bb\ufeffc", "abc"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("1. one\n- two\n> three", "1\\. one\n\\- two\n\\> three"),
        ("aaaaaaaaaaaaaaaa!", "aaaaaaa!"),
        ("São João, naïve – “ja” 你好 🦊", "São João, naïve – “ja” 你好 🦊"),
    ],
)
def test_what_is_shown_again_is_only_words(wrote: str, reads: str) -> None:
    assert shown(wrote) == reads


def test_towers_of_marks_are_cut_and_no_language_is() -> None:
    assert len(shown("Z" + "\u0348\u035a\u0337\u0361" * 40 + "!")) <= 2 + MOST_MARKS
    for word in ("Tiếng Việt", "שָׁלוֹם", "हिन्दी", "ไทยน้ำ", "ção"):
        assert unicodedata.normalize("NFC", word) == shown(word)


@given(st.text())
def test_nothing_shown_can_call_anybody_or_turn_the_line_around(wrote: str) -> None:
    read = shown(wrote)
    assert not re.search(r"@(everyone|here)|(?<!\\)<[@#]|(?<!\\)\]\(|[\u202a-\u202e\u2066-\u2069]", read)
    assert "```" not in read


def test_a_wish_names_people_as_the_server_does() -> None:
    wish = f"<@{ANA}> meets a <:red_fox:{ANA}> at <t:1700000000:R> in <#{ANA[:-1]}9>"
    assert named_in(wish) == (ANA,)
    assert told_of(wish, {ANA: "Ana", ANA[:-1] + "9": "the harbour"}) == "Ana meets a red fox at  in the harbour"
