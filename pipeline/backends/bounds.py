"""Where a completion without a grammar must end."""

from __future__ import annotations

import re

from pipeline.roles import Ask, Kind

FOREIGN = re.compile(r'["“”«»*()<>{}#\[\]_`|~^=\\/@\n]')
"""What has no place in a told sentence."""
END = re.compile(r"[.!?…](?=\s|$)")


def is_complete(text: str, ask: Ask) -> bool:
    """Whether more would be thrown away: a paragraph, a mark, a sentence too many, a word too many."""
    if ask.kind in {Kind.FREE, Kind.CHOICE}:
        return False
    if ask.kind is Kind.FACTS:
        return "}" in text
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
