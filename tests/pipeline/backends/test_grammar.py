"""Grammars and bounds agree on a completion."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.backends.completion import Growing, bounded, is_complete
from pipeline.backends.grammar import grammar_of
from pipeline.roles import Ask, Kind

SCENE = Ask(Kind.SCENE, 1)


def test_a_word_is_led_by_a_space_except_after_an_open_mark() -> None:
    assert grammar_of(SCENE, "Then").startswith('root ::= " " part')
    assert grammar_of(SCENE, 'She said, "').startswith("root ::= part")
    assert grammar_of(Ask(Kind.FREE, 1), "Then") == ""


@pytest.mark.parametrize(
    ("text", "complete", "kept"),
    [
        (" found a bell.", False, "found a bell."),
        (" found a bell. It rang", True, "found a bell."),
        (" found a *bell", True, "found a"),
        (' found it. "Come,', True, "found it."),
        (' said, "Come. Now', False, 'said, "Come. Now'),
        (" found\n\na bell. It", True, "found a bell."),
    ],
)
def test_without_a_grammar_the_same_is_kept(text: str, complete: bool, kept: str) -> None:
    assert is_complete(text, SCENE) is complete
    assert bounded(text, SCENE) == kept


def test_a_choice_falls_back_to_its_first_option() -> None:
    ask = Ask(Kind.CHOICE, 1, options=("an owl", "a whale"))
    assert bounded(" A whale, of course", ask) == "a whale"
    assert bounded(" nobody", ask) == "an owl"


@given(
    st.lists(st.text(alphabet='ab .,!?…"\n\u00a03é', max_size=4), max_size=30),
    st.sampled_from([Kind.SCENE, Kind.FREE, Kind.CHOICE]),
    st.integers(1, 3),
)
def test_what_is_given_out_early_is_never_taken_back(pieces: list[str], kind: Kind, sentences: int) -> None:
    ask = Ask(kind, 1, sentences=sentences, options=("a b", "b", "ab"))
    growing, heard, told = Growing(ask), "", ""
    for piece in pieces:
        told += piece
        heard += growing.add(piece)
        assert growing.complete is is_complete(told, ask)
        if growing.complete:
            break
    assert heard + growing.rest() == bounded(told, ask)


def test_a_choice_ends_as_soon_as_nothing_can_change_it() -> None:
    ask = Ask(Kind.CHOICE, 1, options=("a whale", "a wheel"))
    assert [is_complete(text, ask) for text in ("", " A w", "a wha", "a whale", "a wheel", "no")] == [
        False, False, False, True, True, True,
    ]  # fmt: skip
