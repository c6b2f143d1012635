"""TOML tables into checked values."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from pipeline.errors import Missing, Refused
from pipeline.places import DATA

T = TypeVar("T")
LANGUAGES = DATA / "languages"
"""A folder a language: all that is said, heard and counted in it."""


def read_table(path: Path, kind: type[T]) -> T:
    """One file of data/ as a value of `kind`; refused with file and key where it does not fit."""
    try:
        with path.open("rb") as file:
            raw = tomllib.load(file)
    except FileNotFoundError:
        raise Missing("table_missing", file=str(path)) from None
    except tomllib.TOMLDecodeError as error:
        raise Refused("table_unreadable", file=str(path), why=str(error)) from error
    try:
        return TypeAdapter(kind).validate_python(raw)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise Refused("table_invalid", file=str(path), key=key, why=first["msg"]) from error


def by_language(name: str, kind: type[T]) -> dict[str, T]:
    """Read data/languages/<code>/<name>.toml of every language that has one, by code; more in it is for others."""
    return {file.parent.name: read_table(file, kind) for file in sorted(LANGUAGES.glob(f"*/{name}.toml"))}


def language_file(language: str, name: str) -> Path:
    """Return where a language's table lies, written or not: `lexicon`, `tales/find`."""
    return LANGUAGES / language / f"{name}.toml"


def codes_with(name: str) -> tuple[str, ...]:
    """Languages whose folder has this table: `tongue` where tales are written in it, `interface` where we speak it."""
    return tuple(sorted(file.parent.name for file in LANGUAGES.glob(f"*/{name}.toml")))


def all_codes() -> tuple[str, ...]:
    """Every language that has a folder."""
    return tuple(sorted(folder.name for folder in LANGUAGES.iterdir() if folder.is_dir()))


def lists(wanted: str, words: Collection[str]) -> bool:
    """Whether a word of a table is among these; `danc*` stands for every word that begins so."""
    begins = wanted.removesuffix("*")
    return any(word.startswith(begins) for word in words) if begins != wanted else wanted in words


@dataclass(frozen=True)
class AllLanguages:
    """data/languages.toml."""

    fallback: str
    right_to_left: frozenset[str]
    scripts: dict[str, str]
    """Unicode's name of a script, and the language its letters tell of."""
    shared: dict[str, str]
    """A language whose script another one uses beside its own."""


@cache
def all_languages() -> AllLanguages:
    """Read what is known of all languages together."""
    return read_table(DATA / "languages.toml", AllLanguages)


FALLBACK = all_languages().fallback
"""Spoken wherever a language has no words of its own."""


def by_key(tables: Mapping[str, Mapping[str, T]]) -> dict[str, dict[str, T]]:
    """Turn tables by language into languages by key."""
    keys = dict.fromkeys(key for table in tables.values() for key in table)
    return {key: {code: table[key] for code, table in tables.items() if key in table} for key in keys}
