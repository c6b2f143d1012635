"""TOML tables into checked values."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from pipeline.errors import Missing, Refused

T = TypeVar("T")


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
