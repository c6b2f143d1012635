"""Which language a stretch of text is in."""

from __future__ import annotations

import unicodedata
from itertools import groupby

_BY_SCRIPT = {"DEVANAGARI": "hi", "HIRAGANA": "ja", "KATAKANA": "ja", "CJK": "zh"}
_LATIN = frozenset({"en", "pt", "es", "fr", "it", "de"})


def runs(text: str, language: str) -> tuple[tuple[str, str], ...]:
    """(language, stretch) in order: a stretch in another script is another language, the rest is the tale's own."""
    japanese = language == "ja" or any(_script(char) in {"HIRAGANA", "KATAKANA"} for char in text)
    words = [(_language(word, language, japanese), word) for word in text.split()]
    stretches = groupby(words, key=lambda pair: pair[0])
    return tuple((tongue, " ".join(word for _, word in some)) for tongue, some in stretches)


def _language(word: str, language: str, japanese: bool) -> str:
    scripts = [script for char in word if (script := _script(char))]
    foreign = next((script for script in scripts if script in _BY_SCRIPT), None)
    if foreign is not None:
        found = _BY_SCRIPT[foreign]
        return "ja" if found == "zh" and japanese else found
    if scripts and language not in _LATIN and all(script == "LATIN" for script in scripts):
        return "en"
    return language


def _script(char: str) -> str:
    return unicodedata.name(char, "").split(" ", 1)[0].split("-")[0] if char.isalpha() else ""
