"""Where a completion without a grammar must end."""

from __future__ import annotations

import re

from pipeline.roles import Ask, Kind

FOREIGN = re.compile(r'["“”«»*()<>{}#\[\]_`|~^=\\/@\n]')
"""What has no place in a told sentence."""
END = re.compile(r"[.!?…](?=\s|$)")
_SPACE, _LOOSE = re.compile(r"\s+\Z"), re.compile(r"[\s,]+\Z")


def is_complete(text: str, ask: Ask) -> bool:
    """Whether more would be thrown away: a paragraph, a mark, a sentence too many, a word too many."""
    if ask.kind is Kind.FREE:
        return False
    if ask.kind is Kind.CHOICE:
        return _is_chosen(text, ask)
    if ask.kind is Kind.FACTS:
        return "." in text or "\n" in text
    if FOREIGN.search(text.lstrip()):
        return True
    ends = [match.end() for match in END.finditer(text)]
    if len(ends) >= ask.sentences and len(text) > ends[ask.sentences - 1]:
        return True
    last = text[ends[-1] :] if ends else text
    return bool(ask.most_words) and len(last.split()) > ask.most_words


def bounded(text: str, ask: Ask) -> str:
    """What is kept of it: the asked sentences without markup; unfinished where the model was stopped."""
    if ask.kind in {Kind.FREE, Kind.FACTS}:
        return text
    if ask.kind is Kind.CHOICE:
        chosen = (option for option in ask.options if text.strip().lower().startswith(option.lower()))
        return next(chosen, ask.options[0])
    foreign = FOREIGN.search(text.lstrip())
    text = text.lstrip()[: foreign.start()] if foreign else text.strip()
    ends = [match.end() for match in END.finditer(text)]
    kept = text[: ends[ask.sentences - 1]] if len(ends) >= ask.sentences else text
    closed = foreign is not None and ask.kind is Kind.SPEECH and kept.strip() and kept.strip()[-1] not in ".!?…"
    return kept.strip().rstrip(",") + "." if closed else kept.strip()


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
        return "" if self.complete else self._new(self._sure())

    def rest(self) -> str:
        """What was held back, now that nothing more comes."""
        return self._new(bounded(self._text, self._ask))

    def _sure(self) -> str:
        """Not the end: a space may yet be trimmed, and a comma may be closed by a full stop."""
        if self._ask.kind in {Kind.FREE, Kind.FACTS}:
            return self._text
        if self._ask.kind is Kind.CHOICE:
            return ""
        held_back = _LOOSE if self._ask.kind is Kind.SPEECH else _SPACE
        return held_back.sub("", self._text.lstrip())

    def _new(self, text: str) -> str:
        piece, self._given = text[self._given :], max(self._given, len(text))
        return piece


def _is_chosen(text: str, ask: Ask) -> bool:
    """Whether what follows can no longer change which option it is."""
    said = text.strip().lower()
    for option in ask.options:
        if said.startswith(option.lower()):
            return True
        if option.lower().startswith(said):
            return False
    return True
