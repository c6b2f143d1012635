"""Cuts a story into pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

# A full stop ends a sentence only before a space, a CJK one anywhere; closing marks belong to it.
_SENTENCE = re.compile(r".+?(?:[.!?…]+[\"'”’»)\]*_]*(?=\s|$)|[。！？]+[」』”]*|$)", re.DOTALL)


def pages(paragraphs: Sequence[str], most: int, first: int | None = None) -> list[str]:
    """Cut into pages of at most `most` characters, the first of at most `first`.

    Cut between paragraphs, else between sentences; inside a sentence only where it alone is longer than a page.
    """
    done: list[str] = []
    page = ""
    for glue, piece in _pieces(paragraphs, min(most, first or most)):
        limit = most if done or first is None else first
        joined = f"{page}{glue}{piece}" if page else piece
        if len(joined) <= limit:
            page = joined
            continue
        done.append(page)
        page = piece
    return [*done, page] if page else done


def _pieces(paragraphs: Iterable[str], most: int) -> Iterator[tuple[str, str]]:
    """Give each piece with what separates it from the one before, unless it begins a page."""
    for paragraph in paragraphs:
        glue = "\n\n"
        for sentence in sentences(paragraph):
            for piece in _cut(sentence, most):
                yield glue, piece
                glue = " "


def _cut(sentence: str, most: int) -> Iterator[str]:
    while len(sentence) > most:
        at = sentence.rfind(" ", 1, most + 1)
        at = at if at > 0 else most  # a word longer than a page, or a script without spaces
        yield sentence[:at].rstrip()
        sentence = sentence[at:].lstrip()
    if sentence:
        yield sentence


def sentences(text: str) -> list[str]:
    """Return the sentences with their closing marks; joined by spaces they are the text again."""
    return [found for one in _SENTENCE.findall(text) if (found := one.strip())]
