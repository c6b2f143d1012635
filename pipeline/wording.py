"""Codes into sentences, by locale."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from pipeline.errors import TaleError
from pipeline.places import DATA

FALLBACK = "en"
FOLDER = DATA / "locales"


def sentence(error: TaleError, locale: str = FALLBACK) -> str:
    """What happened and what to do, in the reader's language; the code itself where no sentence is written yet."""
    told = _said("errors", error.code, locale)
    return _filled(told, error.fields) if told else str(error)


def note(code: str, locale: str = FALLBACK) -> str:
    """What the asker should be told about how the wish was understood."""
    return _said("notes", code, locale) or code


@cache
def locales() -> tuple[str, ...]:
    """Those that have a file."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


@cache
def table_of(locale: str) -> dict[str, Any]:
    """All of a language, by section and name, read once; nothing where we do not speak it."""
    file = FOLDER / f"{locale}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if locale in locales() else {}


class _Kept(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def _filled(told: str, fields: dict[str, Any]) -> str:
    return told.format_map(_Kept(fields))


def _said(part: str, code: str, locale: str) -> str:
    told: str = table_of(locale).get(part, {}).get(code) or table_of(FALLBACK)[part].get(code, "")
    return told
