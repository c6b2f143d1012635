"""A given text, told as it stands."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.words.prompt import Prompt
from pipeline.writing.told_lines import PASSAGE_WORDS
from pipeline.writing.tongue import count_words
from pipeline.writing.verbatim import pieces_of
from tests.pipeline.writing.telling import told

TALE = """The mill stood still. “Who is there?” asked Mira. Nobody answered, and the wind went round the house three
times, looking for a way in, and then it found the small window in the attic that nobody had closed since the summer.

"Only me," said the wind. Suddenly "help" was written on the wall."""


def test_every_word_comes_once_and_unchanged() -> None:
    assert " ".join(piece.text for piece in pieces_of(TALE)).split() == TALE.split()


def test_passages_are_short_and_blank_lines_part_scenes() -> None:
    pieces = pieces_of(TALE)
    assert max(count_words(piece.text) for piece in pieces) <= PASSAGE_WORDS
    assert [piece.scene for piece in pieces] == sorted(piece.scene for piece in pieces)
    assert pieces[-1].scene == 1


def test_a_name_beside_the_marks_speaks_and_nobody_else_does() -> None:
    lines = [line for piece in pieces_of(TALE) for line in piece.lines]
    assert ("Mira", "Who is there?") in [(line.speaker, line.text) for line in lines]
    assert {line.speaker for line in lines} == {"narrator", "Mira"}


@given(st.text(alphabet="abc XY.,!?\"“”«»\n'—é", max_size=400))
def test_wild_text_loses_no_word(text: str) -> None:
    pieces = pieces_of(text)
    assert " ".join(piece.text for piece in pieces).split() == text.split()
    spoken = " ".join(line.text for piece in pieces for line in piece.lines)
    assert [char for char in spoken if char.isalnum()] == [char for char in text if char.isalnum()]


def test_a_script_without_spaces_is_cut_at_its_own_marks() -> None:
    text = "むかしむかし、灯台守が嵐と出会いました。" * 8
    pieces = pieces_of(text)
    assert "".join(piece.text.replace(" ", "") for piece in pieces) == text
    assert max(len(piece.text) for piece in pieces) <= 130


def test_no_model_is_borrowed_for_given_words() -> None:
    plan, steps = told(Prompt(TALE, 1, as_written=True), None)
    assert plan.facts.hero.name == "Mira"
    assert steps[-1].passage.closes_tale
    assert [step.passage.index for step in steps] == list(range(len(steps)))
