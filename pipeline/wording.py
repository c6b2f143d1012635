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
    told = _errors(locale).get(error.code) or _errors(FALLBACK).get(error.code)
    return _filled(told, error.fields) if told else str(error)


def locales() -> tuple[str, ...]:
    """Those that have a file."""
    return tuple(sorted(file.stem for file in (DATA / "locales").glob("*.toml")))


class _Kept(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def _filled(told: str, fields: dict[str, Any]) -> str:
    return told.format_map(_Kept(fields))


@cache
def _errors(locale: str, folder: Path = DATA / "locales") -> dict[str, str]:
    file = folder / f"{locale}.toml"
    if not file.is_file():
        return {}
    table: dict[str, str] = tomllib.loads(file.read_text(encoding="utf-8")).get("errors", {})
    return table
