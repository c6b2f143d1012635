"""What a completion reads, spells and ends with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from pipeline.roles import Ask, Kind

MARKUP = re.compile(r"[*<>{}#\[\]_`|~^=\\/@]")
"""What has no place in a scene, where quotations do."""
_QUOTE_OR_END = re.compile(r'["“”«»„]|[.!?…]+(?=["”»]?(?:\s|$))')
END = re.compile(r"[.!?…](?=\s|$)")
AT_ONCE = 8
"""Sentences that leave together: each time some leave, all that stays is read anew."""
_END = re.compile(r"[.!?…][\"”»’]?\s")
UNFINISHED = "\ufffd"
"""A letter of several tokens reads as this until its last one is there."""
_MOST_WAITING = 8
"""Then it was no letter at all."""
_TOLD_WHOLE = {Kind.CHOICE, Kind.SCENE}
"""What comes later may still change what is kept of these."""


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
    """What is kept of it: the asked sentences without markup; unfinished where the model was stopped."""
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
        """What is sure now and was not before; may be empty. Its work grows with the asked sentences, not the tale."""
        self._text += piece
        self.complete = is_complete(self._text, self._ask)
        return "" if self.complete or self._ask.kind in _TOLD_WHOLE else self._new(self._text)

    def rest(self) -> str:
        """What was held back, now that nothing more comes."""
        return self._new(bounded(self._text, self._ask))

    def _new(self, text: str) -> str:
        piece, self._given = text[self._given :], max(self._given, len(text))
        return piece


def _ends_of_scene(text: str) -> list[int]:
    """Where its sentences end, a quotation and who says it being one of them."""
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
    """Its whole sentences up to markup, on one line; all of it where none is whole."""
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
    """All of it, then less and less of its beginning: whole paragraphs first, then sentences of the last one."""
    yield told
    paragraphs = told.split("\n\n")
    for start in range(1, len(paragraphs)):
        yield "\n\n".join(paragraphs[start:])
    last = paragraphs[-1]
    for match in list(_END.finditer(last))[AT_ONCE - 1 :: AT_ONCE]:
        yield last[match.end() :]


def shared_start(one: Sequence[object], other: Sequence[object]) -> int:
    """How far two prompts are the same, in letters or tokens: what lies in a cache is not read again."""
    return next(
        (at for at, (this, that) in enumerate(zip(one, other, strict=False)) if this != that), min(len(one), len(other))
    )


class Detokeniser:
    """Reads each token beside the few before it, since spaces and letters hang on them; never the whole text again."""

    def __init__(self, text_of: Callable[[Sequence[int]], str]) -> None:
        self._text_of = text_of
        self._near: list[int] = []
        self._told = 0
        """How many of those near have been told."""

    def add(self, token: int) -> str:
        """What it adds; empty in the midst of a letter."""
        self._near.append(token)
        waiting = len(self._near) - self._told
        piece = self._new()
        if piece.endswith(UNFINISHED) and waiting < _MOST_WAITING:
            return ""
        self._near, self._told = self._near[self._told :], waiting
        return piece

    def rest(self) -> str:
        """What never became a letter."""
        return self._new() if len(self._near) > self._told else ""

    def _new(self) -> str:
        return self._text_of(self._near)[len(self._text_of(self._near[: self._told])) :]
