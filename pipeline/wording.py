"""Codes into sentences, by locale."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.errors import TaleError
from pipeline.places import DATA

FALLBACK = "en"


def sentence(error: TaleError, locale: str = FALLBACK) -> str:
    """What happened and what to do, in the reader's language; the code itself where no sentence is written yet."""
    told = _said("errors", error.code, locale)
    return _filled(told, error.fields) if told else str(error)


def note(code: str, locale: str = FALLBACK) -> str:
    """What the asker should be told about how the wish was understood."""
    return _said("notes", code, locale) or code


def locales() -> tuple[str, ...]:
    """Those that have a file."""
    return tuple(sorted(file.stem for file in (DATA / "locales").glob("*.toml")))


class _Kept(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def _filled(told: str, fields: dict[str, Any]) -> str:
    return told.format_map(_Kept(fields))


def _said(part: str, code: str, locale: str) -> str:
    return _table(locale, part).get(code) or _table(FALLBACK, part).get(code, "")


@cache
def _table(locale: str, part: str, folder: Path = DATA / "locales") -> dict[str, str]:
    file = folder / f"{locale}.toml"
    if not file.is_file():
        return {}
    table: dict[str, str] = tomllib.loads(file.read_text(encoding="utf-8")).get(part, {})
    return table
