"""What a model sees of a long tale."""

from __future__ import annotations

from pipeline.backends.completion import AT_ONCE, endings

SENTENCES = [f"It was night number {nth}." for nth in range(3 * AT_ONCE)]


def test_a_short_tale_is_seen_whole() -> None:
    assert next(endings("The fox ran.")) == "The fox ran."


def test_whole_paragraphs_leave_before_sentences_do() -> None:
    last = " ".join(SENTENCES)
    seen = list(endings(f"One.\n\nTwo.\n\n{last} And"))
    assert seen[:3] == [f"One.\n\nTwo.\n\n{last} And", f"Two.\n\n{last} And", f"{last} And"]
    assert seen[3] == " ".join(SENTENCES[AT_ONCE:]) + " And"
    assert seen[-1] == "And"
    assert all(one.endswith("And") for one in seen), "the started sentence is never lost"


def test_what_is_seen_holds_while_a_few_sentences_come() -> None:
    first = " ".join(SENTENCES)
    cut = list(endings(first + " And"))[1]
    later = list(endings(first + " And so on. Then"))[1]
    assert later.startswith(cut), "what was read stays read"
