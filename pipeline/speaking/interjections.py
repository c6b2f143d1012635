"""Sounds without words."""

from __future__ import annotations

import re
from functools import cache

from pipeline.places import DATA
from pipeline.tables import read_table

TAG = re.compile(r"\[([a-z]{2,20})\]|\*(laughs?|sighs?|gasps?|sobs?|chuckles?|coughs?)\*", re.IGNORECASE)


def parted(text: str) -> tuple[tuple[str, str], ...]:
    """The text as ("", words) and (tag, "") in order; a bracketed word that is no sound is left out, never read."""
    parts: list[tuple[str, str]] = []
    since = 0
    for tag in TAG.finditer(text):
        parts.append(("", text[since : tag.start()].strip()))
        name = (tag.group(1) or tag.group(2)).casefold()
        parts.append((name if name in _sounds() else name.removesuffix("s"), ""))
        since = tag.end()
    parts.append(("", text[since:].strip()))
    return tuple((name, words) for name, words in parts if words or name in _sounds())


def interjection(name: str, language: str) -> str:
    """What a voice says where no model can make the sound itself; empty for a sound nobody knows."""
    said = _sounds().get(name, {})
    return said.get(language, said.get("en", ""))


@cache
def _sounds() -> dict[str, dict[str, str]]:
    return read_table(DATA / "interjections.toml", dict[str, dict[str, str]])
