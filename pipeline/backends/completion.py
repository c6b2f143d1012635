"""Bounds, ends and letters of a completion."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from pipeline.roles import Ask, Kind

MARKUP = re.compile(r"[*<>{}#\[\]_`|~^=\\/@]")
"""What has no place in a scene, where quotations do."""
_QUOTE_OR_END = re.compile(r'["“”«»„]|[.!?…]+(?=["”»]?(?:\s|$))')
END = re.compile(r"[.!?…](?=\s|$)")
AT_ONCE = 8
"""Sentences dropped together: after each drop, all that stays is read anew."""
_END = re.compile(r"[.!?…][\"”»’]?\s")
UNFINISHED = "\ufffd"
"""How a letter of several tokens reads until the last one is there."""
_MOST_WAITING = 8
"""After so many tokens it was no letter at all."""
_TOLD_WHOLE = {Kind.CHOICE, Kind.SCENE}
"""Kinds of which nothing is given out early: what comes later may change what is kept."""


def is_complete(text: str, ask: Ask) -> bool:
    """Whether more would be thrown away: a paragraph, a mark, a sentence too many, a word too many."""
    if ask.kind is Kind.FREE:
        return False
    if ask.kind is Kind.CHOICE:
        return _is_chosen(text, ask)
    if ask.kind is Kind.FACTS:
        return "." in text or "\n" in text
    if ask.kind is Kind.OUTLINE:
        tail = text.rpartition(f"{ask.options[-1]}:")
        return bool(tail[1] and END.search(tail[2].rstrip("\n")))
    ends = _ends_of_scene(text)
    return bool(MARKUP.search(text)) or (len(ends) >= ask.sentences and len(text) > ends[ask.sentences - 1])


def bounded(text: str, ask: Ask) -> str:
    """Return what is kept: the asked sentences without markup, unfinished where the model was stopped."""
    if ask.kind is Kind.SCENE:
        return _whole_scene(text, ask)
    if ask.kind is Kind.CHOICE:
        chosen = (option for option in ask.options if text.strip().lower().startswith(option.lower()))
        return next(chosen, ask.options[0])
    return text


class Growing:
    """A completion as it comes, of which only what is sure to be kept is given out; joined it is `bounded`."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._text = ""
        self._given = 0
        self.complete = False
        """More would be thrown away."""

    def add(self, piece: str) -> str:
        """Add a piece; returns the text that became sure by it, maybe none. The cost does not grow with the tale."""
        self._text += piece
        self.complete = is_complete(self._text, self._ask)
        return "" if self.complete or self._ask.kind in _TOLD_WHOLE else self._new(self._text)

    def rest(self) -> str:
        """Return what was held back, now that nothing more comes."""
        return self._new(bounded(self._text, self._ask))

    def _new(self, text: str) -> str:
        piece, self._given = text[self._given :], max(self._given, len(text))
        return piece


def _ends_of_scene(text: str) -> list[int]:
    """Return where its sentences end; a quotation with its speaker counts as one."""
    ends: list[int] = []
    inside = False
    for match in _QUOTE_OR_END.finditer(text):
        mark = match[0]
        if mark[0] in ".!?…":
            ends += [] if inside else [match.end()]
        else:
            inside = mark in "“«„" or (mark == '"' and not inside)
    return ends


def _whole_scene(text: str, ask: Ask) -> str:
    """Return its whole sentences up to markup, on one line; all of it where none is whole."""
    markup = MARKUP.search(text)
    text = " ".join(text[: markup.start()].split()) if markup else " ".join(text.split())
    ends = _ends_of_scene(text)[: ask.sentences]
    return text[: ends[-1]] if ends else text


def _is_chosen(text: str, ask: Ask) -> bool:
    """Whether what follows can no longer change which option it is."""
    said = text.strip().lower()
    for option in ask.options:
        if said.startswith(option.lower()):
            return True
        if option.lower().startswith(said):
            return False
    return True


def endings(told: str) -> Iterator[str]:
    """Yield all of it, then ever shorter ends: without whole paragraphs, then without sentences of the last."""
    yield told
    paragraphs = told.split("\n\n")
    for start in range(1, len(paragraphs)):
        yield "\n\n".join(paragraphs[start:])
    last = paragraphs[-1]
    for match in list(_END.finditer(last))[AT_ONCE - 1 :: AT_ONCE]:
        yield last[match.end() :]


def shared_start(one: Sequence[object], other: Sequence[object]) -> int:
    """Return how far two prompts are the same, in letters or tokens: what lies in a cache is not read again."""
    return next(
        (at for at, (this, that) in enumerate(zip(one, other, strict=False)) if this != that), min(len(one), len(other))
    )


class Detokeniser:
    """Turns tokens into text one by one, each beside the few before it, on which spaces and letters depend."""

    def __init__(self, text_of: Callable[[Sequence[int]], str]) -> None:
        self._text_of = text_of
        self._near: list[int] = []
        self._told = 0
        """How many of those near have been told."""

    def add(self, token: int) -> str:
        """Return the text that a token adds; empty in the middle of a letter."""
        self._near.append(token)
        waiting = len(self._near) - self._told
        piece = self._new()
        if piece.endswith(UNFINISHED) and waiting < _MOST_WAITING:
            return ""
        self._near, self._told = self._near[self._told :], waiting
        return piece

    def rest(self) -> str:
        """Return the tokens that never became a letter, as they read."""
        return self._new() if len(self._near) > self._told else ""

    def _new(self) -> str:
        return self._text_of(self._near)[len(self._text_of(self._near[: self._told])) :]
