"""Text into pieces a narrator can take."""

from __future__ import annotations

import re

_CLOSERS = "\"'”’»)\\]」』"
_END = re.compile(rf"(?<=[.!?…。！？।])[{_CLOSERS}]*(?=\s)|(?<=[。！？।])[{_CLOSERS}]*")
_CLAUSE = re.compile(r"(?<=[,;:，、；：—–])\s*")
_INITIAL = re.compile(r"(?:^|\s)(?:\w|\w\.\w)\.$")


def sentences(text: str, abbreviations: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Split into sentences; a full stop after an abbreviation or an initial ends none."""
    found: list[str] = []
    since = 0
    for mark in _END.finditer(text):
        stretch = text[since : mark.end()]
        if _goes_on(stretch, text[mark.end() :], abbreviations):
            continue
        found.append(stretch.strip())
        since = mark.end()
    found.append(text[since:].strip())
    return tuple(one for one in found if one)


def within(sentence: str, most_chars: int) -> tuple[str, ...]:
    """Cut a long sentence into pieces of at most `most_chars`: at a clause, else at a word, else anywhere."""
    pieces: list[str] = []
    rest = sentence.strip()
    while len(rest) > most_chars:
        cut = _cut(rest, most_chars)
        pieces.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return tuple(piece for piece in (*pieces, rest) if piece)


def _goes_on(stretch: str, after: str, abbreviations: frozenset[str]) -> bool:
    if not stretch.rstrip(_CLOSERS).endswith("."):
        return after[:2].strip()[:1].islower() and stretch.rstrip()[-1:] in "\"'”’»"
    last = stretch.rsplit(maxsplit=1)[-1].strip("\"'“”‘’«»()").casefold() if stretch.split() else ""
    return last in abbreviations or bool(_INITIAL.search(stretch)) or after.lstrip()[:1].islower()


def _cut(text: str, most: int) -> int:
    clauses = [mark.start() for mark in _CLAUSE.finditer(text, 0, most) if most // 3 < mark.start() <= most]
    if clauses:
        return clauses[-1]
    space = text.rfind(" ", most // 3, most)
    return space if space > 0 else most
