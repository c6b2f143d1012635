"""The library and its sounds as one file."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.library.database import writing
from bot.library.library import Library
from bot.library.tables import METADATA, NOTED

SUFFIX, MARKS, FOLDER = ".zip", ".erased", "backups"
"""Beside each backup lie the marks of what was erased since, which a restore leaves out."""
ABOUT, ROWS, SOUNDS = "about.json", "rows/", "sounds/"
FORMAT = 1
_COPY = "copy."
"""Prefix of the names under which the library notes where its backups were written."""


@dataclass(frozen=True)
class Kept:
    """What went into a backup."""

    file: Path
    rows: int  # of all tables together
    sounds: int  # files


async def back_up(
    library: Library, artifacts: Path, to: Path, *, sounds: bool = True, clock: Callable[[], float] = time.time
) -> Kept:
    """Write all tables as they are at one moment, then the files; the backup is whole, or not there at all."""
    # Tables before files: a file that a table names may be trimmed meanwhile, but none is named that is missing.
    about = {"format": FORMAT, "at": clock(), "salt": await library.erasing.salt()}
    tables = await _tables(library)
    files = await asyncio.to_thread(_files, artifacts) if sounds else []
    await asyncio.to_thread(_written, to, about, tables, files)
    await _remember(library, await asyncio.to_thread(lambda: str(to.absolute())))
    return Kept(to, sum(len(rows) for rows in tables.values()), len(files))


async def copies(library: Library) -> list[Path]:
    """Return every backup that this library noted and that still lies where it was written."""
    async with library.engine.connect() as connection:
        noted = list(await connection.scalars(sa.select(NOTED.c.value).where(NOTED.c.name.startswith(_COPY))))
    return await asyncio.to_thread(lambda: [path for path in map(Path, noted) if path.exists()])


async def _remember(library: Library, where: str) -> None:
    name = f"{_COPY}{hashlib.sha256(where.encode()).hexdigest()[:16]}"
    async with writing(library.engine) as connection:
        await connection.execute(sa.delete(NOTED).where(NOTED.c.name == name))
        await connection.execute(sa.insert(NOTED).values(name=name, value=where))


def _files(artifacts: Path) -> list[Path]:
    """Return the files to keep, without the marks of hearts, which are made anew."""
    return sorted(path for path in artifacts.glob("??/*") if path.is_file() and not path.name.startswith("."))


async def _tables(library: Library) -> dict[str, list[dict[str, Any]]]:
    """Read all tables in one transaction, so that no heart is without its tale."""
    async with library.engine.connect() as connection:
        if library.engine.dialect.name == "sqlite":
            await connection.execute(sa.text("begin"))  # the driver itself opens one for changes alone
        else:
            await connection.execute(sa.text("set transaction isolation level repeatable read"))
        found = {}
        for table in METADATA.sorted_tables:
            rows = (await connection.execute(sa.select(table))).mappings()
            found[table.name] = [{name: _plain(value) for name, value in row.items()} for row in rows]
        await connection.rollback()
        return found


def _written(to: Path, about: dict[str, Any], tables: dict[str, list[dict[str, Any]]], files: Iterable[Path]) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    half = to.with_name(f".half-{to.name}")
    try:
        half.touch(0o600)  # before the first byte: a backup holds everybody's words
        with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(ABOUT, json.dumps(about))
            for name, rows in tables.items():
                lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
                archive.writestr(f"{ROWS}{name}.jsonl", lines)
            _add_sounds(archive, files)
        half.replace(to)
        to.with_suffix(MARKS).unlink(missing_ok=True)  # of an earlier one under this name
    finally:
        half.unlink(missing_ok=True)


def _add_sounds(archive: zipfile.ZipFile, files: Iterable[Path]) -> None:
    """Store sounds unpacked, since they do not get smaller; a file that was trimmed meanwhile is no loss."""
    for path in files:
        with suppress(FileNotFoundError):
            archive.write(path, f"{SOUNDS}{path.name}", zipfile.ZIP_STORED)


def _plain(value: object) -> object:
    return {"hex": value.hex()} if isinstance(value, bytes) else value
