"""Who says what."""

from __future__ import annotations

import re

from pipeline.words.story import NARRATOR, Line
from pipeline.writing.starters import Starter
from pipeline.writing.tongue import Tongue


def completed(starter: Starter, own: str, tongue: Tongue) -> str:
    """The whole sentence: lead, the model's words, and the tail with its comma where the language puts it."""
    own = own.strip()
    if not own:
        return starter.lead.rstrip(" ,:;") + "."
    space = "" if starter.lead.endswith('"') or not starter.lead else " "
    return starter.lead + space + (_closed(own, starter.tail, tongue) if starter.spoken else own + starter.tail)


def lines_of(text: str, speaker: str, manner: str = "") -> tuple[Line, ...]:
    """A sentence with quotation marks as lines: what is inside is the speaker's, the rest the narrator's."""
    found = []
    for at, stretch in enumerate(text.split('"')):
        words = stretch.strip()
        if not any(char.isalnum() for char in words):
            continue
        found.append(Line(words, speaker, manner) if at % 2 else Line(_spoken(words), NARRATOR))
    return tuple(found)


def _spoken(words: str) -> str:
    """A narrator's stretch without the comma that only joined it to the quotation."""
    return re.sub(r"^[,;.\s]+", "", words)


def _closed(own: str, tail: str, tongue: Tongue) -> str:
    after = tail.removeprefix('"')
    if not after.strip():
        return own + tail
    if own.endswith("."):
        own = own[:-1] + ("," if tongue.comma_inside else "")
        return own + ('"' if tongue.comma_inside else '",') + after
    return own + ('",' if tongue.comma_after_call else '"') + after
