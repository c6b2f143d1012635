"""Promises of shortened passages."""

from __future__ import annotations

from pipeline.words.mood import Emotion, Mood
from pipeline.words.story import Passage
from pipeline.writing.shorten import shortened
from pipeline.writing.verbatim import pieces_of

CALM = Mood.pure(Emotion.NEUTRAL)


def passages(text: str) -> list[Passage]:
    return [Passage(0, at, one.text, one.lines, CALM) for at, one in enumerate(pieces_of(text))]


def short(text: str) -> str:
    told = passages(text)
    return " ".join(one.text for one in shortened(told, 0, len(told) - 1))


def test_what_nobody_needs_later_goes_first() -> None:
    text = (
        "Rosa found a silver key under the stairs. The morning was grey and cold, as mornings often are in March. "
        "She kept the key in her shoe. At night the cellar door called for it. She turned the key, and it opened."
    )
    told = short(text)
    assert "mornings often are" not in told
    assert told.startswith("Rosa found a silver key")
    assert told.endswith("She turned the key, and it opened.")


def test_what_somebody_says_stays_with_what_leads_to_it() -> None:
    text = 'The fox came near. He bowed deeply and long. "Good evening," said the fox. The hen said nothing. She left.'
    assert '"Good evening," said the fox.' in short(text)
    assert "He bowed deeply and long." in short(text)


def test_a_sentence_alone_ends_where_it_may_end_as_well() -> None:
    assert short("The lamp went out in the storm; nobody lit it again.") == "The lamp went out in the storm."
    assert short("The lamp went out.") == "The lamp went out."


def test_lines_and_text_say_the_same() -> None:
    told = passages("One two three four. Five six seven eight nine. Ten eleven twelve. Thirteen. The end came.")
    for one in shortened(told, 0, len(told) - 1):
        assert " ".join(line.text for line in one.lines) == one.text
