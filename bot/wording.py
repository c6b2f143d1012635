"""Sentences of the bot, by locale."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from pipeline.tables import FALLBACK, by_language
from pipeline.wording import locales, table_of


def said(key: str, locale: str = FALLBACK, **fields: object) -> str:
    """Return the sentence of `section.name` in the reader's language; the key itself where there is none."""
    told = _found(key, language_of(locale)) or _found(key, FALLBACK) or key
    return told.format(**fields) if fields else told


def language_of(locale: str) -> str:
    """Return the language for a Discord locale such as `pt-BR`; English where there are no sentences in it."""
    language = locale.partition("-")[0]
    return language if language in locales() else FALLBACK


@dataclass(frozen=True)
class _Speakers:
    """Of a file data/languages/<code>/voices.toml."""

    narrators: tuple[str, ...] = ()


@cache
def narrators() -> dict[str, tuple[str, ...]]:
    """Voices that tell by themselves, by language, best first."""
    return {code: one.narrators for code, one in by_language("voices", _Speakers).items() if one.narrators}


def _found(key: str, language: str) -> str:
    table: Any = table_of(language)
    for part in key.split("."):
        table = table.get(part) if isinstance(table, dict) else None
    return table if isinstance(table, str) else ""
