"""Grammars and bounds agree on a completion."""

from __future__ import annotations

import pytest

from pipeline.backends.bounds import bounded, is_complete
from pipeline.backends.grammar import grammar_of
from pipeline.roles import Ask, Kind

NARRATION = Ask(Kind.NARRATION, 1, most_words=6)


def test_a_word_is_led_by_a_space_except_after_an_open_mark() -> None:
    assert grammar_of(NARRATION, "Then").startswith('root ::= " " s')
    assert grammar_of(Ask(Kind.SPEECH, 1), 'She said, "').startswith("root ::= s")
    assert grammar_of(Ask(Kind.FREE, 1), "Then") == ""


@pytest.mark.parametrize(
    ("text", "complete", "kept"),
    [
        (" found a bell.", False, "found a bell."),
        (" found a bell. It rang", True, "found a bell."),
        (" found a bell\nand", True, "found a bell"),
        (' found a "bell', True, "found a"),
        (" found one two three four five six", True, "found one two three four five six"),
    ],
)
def test_without_a_grammar_the_same_is_kept(text: str, complete: bool, kept: str) -> None:
    assert is_complete(text, NARRATION) is complete
    assert bounded(text, NARRATION) == kept


def test_speech_that_closed_its_mark_early_gets_its_end() -> None:
    assert bounded('I know the way," said', Ask(Kind.SPEECH, 1)) == "I know the way."


def test_a_choice_falls_back_to_its_first_option() -> None:
    ask = Ask(Kind.CHOICE, 1, options=("an owl", "a whale"))
    assert bounded(" A whale, of course", ask) == "a whale"
    assert bounded(" nobody", ask) == "an owl"
