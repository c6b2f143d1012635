"""Codes into sentences, by locale."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pipeline.errors import TaleError
from pipeline.tables import FALLBACK, by_language, codes_with, language_file
from pipeline.words.mood import Emotion


def sentence(error: TaleError, locale: str = FALLBACK) -> str:
    """What happened and what to do, in the reader's language; the code itself where no sentence is written yet."""
    told = _said("errors", error.code, locale)
    return _filled(told, error.fields) if told else str(error)


def note(code: str, locale: str = FALLBACK) -> str:
    """What the asker should be told about how the wish was understood."""
    return _said("notes", code, locale) or code


@cache
def locales() -> tuple[str, ...]:
    """Languages that the faces speak: those with a file data/languages/<code>/interface.toml."""
    return codes_with("interface")


def terminal_locale(environ: Mapping[str, str] = os.environ) -> str:
    """The terminal's language if we speak it, else English."""
    wanted = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return wanted[:2] if wanted[:2] in locales() else FALLBACK


@cache
def table_of(locale: str) -> dict[str, Any]:
    """All of a language, by section and name, read once; nothing where we do not speak it."""
    if locale not in locales():
        return {}
    return tomllib.loads(language_file(locale, "interface").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class _Feelings:
    """Of a file data/languages/<code>/sentences.toml."""

    moods: dict[Emotion, str] = field(default_factory=dict)


def mood_name(emotion: Emotion, language: str) -> str:
    """What the feeling is called."""
    names = _mood_names()
    return names.get(language, names[FALLBACK])[emotion]


@cache
def _mood_names() -> dict[str, dict[Emotion, str]]:
    return {code: one.moods for code, one in by_language("sentences", _Feelings).items() if one.moods}


class _Kept(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def _filled(told: str, fields: dict[str, Any]) -> str:
    return told.format_map(_Kept(fields))


def _said(part: str, code: str, locale: str) -> str:
    told: str = table_of(locale).get(part, {}).get(code) or table_of(FALLBACK)[part].get(code, "")
    return told
