"""Stories cut where a reader pauses."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ui.pages import pages, sentences

WORD = st.text(alphabet="abcdeéñ日本", min_size=1, max_size=12)
SENTENCE = st.builds(
    lambda words, end: " ".join(words) + end, st.lists(WORD, min_size=1, max_size=20), st.sampled_from(".!?…")
)
PARAGRAPH = st.lists(SENTENCE, min_size=1, max_size=8).map(" ".join)


@given(st.lists(PARAGRAPH, min_size=1, max_size=6), st.integers(300, 1_000))
@settings(max_examples=200, deadline=None)
def test_no_page_is_too_long_and_no_sentence_is_broken(paragraphs: list[str], most: int) -> None:
    made = pages(paragraphs, most)
    assert all(len(page) <= most for page in made)
    whole = [one for paragraph in paragraphs for one in sentences(paragraph)]
    assert [one for page in made for part in page.split("\n\n") for one in sentences(part)] == whole


@given(st.lists(st.text(max_size=500), max_size=5), st.integers(20, 200))
@settings(max_examples=200, deadline=None)
def test_whatever_is_written_nothing_is_lost_and_nothing_overflows(paragraphs: list[str], most: int) -> None:
    made = pages(paragraphs, most)
    assert all(0 < len(page) <= most for page in made)
    assert "".join("".join(made).split()) == "".join("".join(paragraphs).split())


def test_a_sentence_ends_behind_its_closing_marks() -> None:
    text = "“Are you afraid?” it asked. “Yes!” (It was.) It cost 3.50 then… Nobody laughed."
    assert sentences(text) == [
        "“Are you afraid?”", "it asked.", "“Yes!”", "(It was.)", "It cost 3.50 then…", "Nobody laughed.",
    ]  # fmt: skip
    assert sentences("昔々。ある所に。") == ["昔々。", "ある所に。"]
