"""Restores a backup, without what was erased."""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import sqlalchemy as sa

from bot.library.backup import ABOUT, FORMAT, MARKS, ROWS, SOUNDS
from bot.library.database import writing
from bot.library.erase_digests import ErasedKind, digest, know_salts
from bot.library.library import Library
from bot.library.tables import ERASURES, HEARTS, METADATA, SERVERS, TALES, VOICES
from pipeline.artifacts import Artifacts
from pipeline.errors import Damaged, Refused
from pipeline.seal import Seal

_AT_ONCE = 200
_HEARTS = sa.select(sa.func.count()).select_from(HEARTS).where(HEARTS.c.tale == TALES.c.id).scalar_subquery()
"""Counts hearts anew: those of erased members are gone."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Restored:
    """What was restored."""

    rows: int
    sounds: int
    erased_again: int
    """Rows left out, since they were erased after the backup was made."""


@dataclass(frozen=True)
class Forgotten:
    """Marks made after the backup, each with its library's own salt."""

    marks: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def has(self, kind: ErasedKind, name: str) -> bool:
        """Whether this was erased."""
        return any((salt, digest(salt, kind, name)) in self.marks for salt in self._salts)

    def mark(self, member: str) -> str:
        """Return the mark of an erased member; "" for anybody else."""
        found = (digest(salt, ErasedKind.MEMBER, member) for salt in self._salts)
        return next((one for one in found if any(one == mark for _, mark in self.marks)), "")

    @cached_property
    def _salts(self) -> frozenset[str]:
        return frozenset(salt for salt, _ in self.marks)

    def row(self, table: str, row: Mapping[str, Any], tales: Container[str]) -> bool:
        """Whether a row belongs to what was erased; `tales` are those that stay."""
        if row.get("member") and self.has(ErasedKind.MEMBER, row["member"]):
            return True
        if row.get("server") and self.has(ErasedKind.SERVER, row["server"]):
            return True
        if row.get("tale"):
            return row["tale"] not in tales
        kind = {TALES.name: ErasedKind.TALE, VOICES.name: ErasedKind.VOICE}.get(table)
        return kind is not None and self.has(kind, row["id"])


async def restore(library: Library, artifacts: Artifacts, file: Path) -> Restored:
    """Restore into an empty library; raises Damaged `backup_unreadable` and Refused `library_not_empty`."""
    tables = await asyncio.to_thread(_read, file)
    forgotten = Forgotten(await _marks(library, file, tables[ERASURES.name]))
    salts = await library.erasing.salts() if await library.erasing.marks() else ()
    async with writing(library.engine) as connection:
        if await connection.scalar(sa.select(sa.func.count()).select_from(TALES)):
            raise Refused("library_not_empty")
        kept = _kept(tables, forgotten)
        # This library's own marks stay beside the backup's: they are why some rows were left out.
        here = [{"digest": row.digest, "at": row.at} for row in await connection.execute(sa.select(ERASURES))]
        known = {row["digest"] for row in here}
        kept[ERASURES.name] = [*here, *(row for row in kept[ERASURES.name] if row["digest"] not in known)]
        # Hearts refer to tales: emptied from the end, filled from the start.
        for table in reversed(METADATA.sorted_tables):
            await connection.execute(sa.delete(table))
        for table in METADATA.sorted_tables:
            rows = kept[table.name]
            for first in range(0, len(rows), _AT_ONCE):
                await connection.execute(sa.insert(table), rows[first : first + _AT_ONCE])
        await know_salts(connection, salts)
        await connection.execute(sa.update(TALES).values(hearts=_HEARTS))
    words = [*_words(kept, library.rows.seal)]
    sounds = await asyncio.to_thread(_sounds_back, file, artifacts, words, library.rows.seal)
    library.servers.forget_read()
    count = sum(len(rows) for rows in kept.values())
    return Restored(count, sounds, sum(len(rows) for rows in tables.values()) - count)


def _read(file: Path) -> dict[str, list[Row]]:
    try:
        with zipfile.ZipFile(file) as archive:
            about: Row = json.loads(archive.read(ABOUT))
            if about["format"] != FORMAT:
                raise Damaged("backup_unreadable", file=str(file), why=f"format {about['format']}")
            tables = {table.name: list(_rows(archive, table)) for table in METADATA.sorted_tables}
    except (OSError, zipfile.BadZipFile, LookupError, ValueError) as error:
        raise Damaged("backup_unreadable", file=str(file), why=str(error)) from error
    return tables


def _rows(archive: zipfile.ZipFile, table: sa.Table) -> Iterator[Row]:
    """Give a table's rows; one that an older version did not have is empty, its missing columns have defaults."""
    name = f"{ROWS}{table.name}.jsonl"
    if name not in archive.namelist():
        return
    for line in archive.read(name).decode().splitlines():
        row = json.loads(line)
        yield {key: _unplain(value) for key, value in row.items() if key in table.c}


async def _marks(library: Library, file: Path, within: list[Row]) -> frozenset[tuple[str, str]]:
    """Return the marks made after the backup, from the library and from the list beside the backup.

    What the backup itself lists was erased before it; what was erased again has a later mark. No clock is asked
    which came first: one that was ahead when the backup was made would bring the erased back.
    """
    before = {(row["digest"], row["at"]) for row in within}
    after = [mark.digest for mark in await library.erasing.marks() if (mark.digest, mark.at) not in before]
    marks = {(salt, mark) for salt in await library.erasing.salts() for mark in after}
    beside = file.with_suffix(MARKS)
    if beside.exists():  # made after the backup, by the erases since
        lines = [json.loads(line) for line in beside.read_text(encoding="utf-8").splitlines() if line.strip()]
        marks |= {(line["salt"], line["digest"]) for line in lines}
    return frozenset(marks)


def _kept(tables: Mapping[str, list[Row]], forgotten: Forgotten) -> dict[str, list[Row]]:
    tales = {row["id"] for row in tables[TALES.name] if not forgotten.row(TALES.name, row, ())}
    kept = {name: [row for row in rows if not forgotten.row(name, row, tales)] for name, rows in tables.items()}
    kept[SERVERS.name] = [row | {"settings": _unnamed(row["settings"], forgotten)} for row in kept[SERVERS.name]]
    return kept


def _unnamed(settings: str, forgotten: Forgotten) -> str:
    """Put marks in place of ids of erased members: who was blocked stays blocked."""
    decided: dict[str, Any] = json.loads(settings or "{}")
    if "blocked_members" in decided:
        decided["blocked_members"] = [forgotten.mark(one) or one for one in decided["blocked_members"]]
    return json.dumps(decided)


def _words(kept: Mapping[str, list[Row]], seal: Seal) -> Iterator[str]:
    """Give the texts that name sounds: rows as they are, and wishes, which may be encrypted."""
    yield from (str(row) for table in (TALES, VOICES) for row in kept[table.name])
    yield from (seal.open(row["prompt"]) for row in kept[TALES.name])


def _sounds_back(file: Path, artifacts: Artifacts, words: list[str], seal: Seal) -> int:
    """Restore only sounds that a kept tale or voice names; nothing of the erased touches the disk."""
    with zipfile.ZipFile(file) as archive:
        there = {PurePosixPath(name).stem: name for name in archive.namelist() if name.startswith(SOUNDS)}
        wanted = {one for text in words for one in _hashes(text, there)}
        wholes = [there[one] for one in wanted if there[one].endswith(".json")]
        for name in wholes:
            wanted |= _hashes(seal.open_bytes(archive.read(name)).decode(errors="replace"), there)
        for one in wanted:
            artifacts(seal.open_bytes(archive.read(there[one])), PurePosixPath(there[one]).suffix)
    return len(wanted)


def _hashes(text: str, there: Mapping[str, str]) -> set[str]:
    # JSON within JSON has its quotes escaped, once for each level.
    return {one for one in text.replace("\\", "").split('"') if one in there}


def _unplain(value: Any) -> Any:
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value
