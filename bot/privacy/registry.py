"""Registry of all places with members' data."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.library.backup import FOLDER, MARKS, SUFFIX, copies
from bot.library.database import tidy
from bot.library.erase_digests import ErasedKind, digest
from bot.library.erasing import OF_MEMBERS
from bot.library.library import Library
from bot.library.rows import SEALED, SEALED_OF_CHOSEN, SEALED_OF_NOTES, SEALED_OF_VOICES
from bot.library.tables import SERVERS
from bot.pools import Pool
from bot.privacy.sounds import Sounds
from bot.privacy.store import ExportedItem, Store, Whose, rows_as
from pipeline.artifacts import Artifacts
from pipeline.road.door import HOLDING, Door

_SEALED = {*SEALED, *SEALED_OF_VOICES, *SEALED_OF_CHOSEN, *SEALED_OF_NOTES}
NOBODYS: Mapping[str, str] = {
    "library:noted": "salts of the marks, where backups were written, and what signs links",
    "library:erasures": "marks of what was erased, which name nobody",
    "library:library_version": "how new the tables are",
    "road:road_workers": "executors",
    "road:road_devices": "what kind of device each executor has",
    "road:road_erased": "marks of erased sounds for other machines, which name nobody",
    "road:sqlite_sequence": "the last number given of those",
    "road:road_spent": "seconds by stage and number of words",
    "road:queues": "lanes",
    "road:application_versions": "versions of ours",
    "road:workflow_schedules": "when something is due in which server; what it is stands in its settings",
    "road:dbos_migrations": "how new the tables are",
    "home:library.db.making": "a lock",
    "home:state/*.lock": "locks",
    "home:state/*.begun": "which steps are under way, by their tales' ids; empty when none is",
    "home:state/standing.json": "which models serve here, and how far their weights are",
    "home:state/at_work.json": "which models are loaded, and their memory",
    "home:state/writer.json": "which writer the operator wants, and how fast this machine writes",
    "home:state/writer-pull.log": "what the download of a writer said",
    "home:state/bookmarks.json": "where a tale that is being told stood, by its id; gone when it is told",
    "home:state/unfinished.json": "names of recordings and errands while somebody is listened to; gone with them",
    "home:cache/*": "weights",
}
"""Tables and files without members' data, and what they hold; a test fails for one that is listed nowhere."""


@dataclass(frozen=True)
class Journeys:
    """Store of jobs: their inputs, steps, events and results."""

    door: Door
    name: str = "road"
    holds: Sequence[str] = (*(f"road:{table}" for table in HOLDING), "home:state/road.db*")

    async def found(self, whose: Whose) -> list[ExportedItem]:
        """Return the rows of their jobs, table by table."""
        rows = await self.door.keepsakes(whose.member, whose.errands)
        by_table = {table: [one.row for one in rows if one.table == table] for table in HOLDING}
        return [thing for table, found in by_table.items() for thing in rows_as(f"road/{table}.json", found)]

    async def erase(self, whose: Whose) -> None:
        """Stop their jobs and erase them."""
        # Jobs that only the road knows too: a sample of a voice is no tale of the library.
        rows = await self.door.keepsakes(whose.member)
        theirs = {str(one.row["workflow_uuid"]) for one in rows if one.table == "workflow_status"}
        await self.door.let_go(theirs | whose.errands, packed=whose.thorough)


@dataclass(frozen=True)
class Shelves:
    """Store of the library's rows."""

    library: Library
    name: str = "library"
    holds: tuple[str, ...] = (
        *("library:tales", "library:hearts", "library:servers", "library:voices", "library:chosen_voices"),
        *("library:usual_voices", "library:consents", "home:library.db*"),
        *("library:world_notes", "library:scenes", "library:heard", "library:api_keys"),
    )

    async def found(self, whose: Whose) -> list[ExportedItem]:
        """Return rows of every table with a column for the member, and settings that name them."""
        if not whose.member:
            return []
        things: list[ExportedItem] = []
        async with self.library.engine.connect() as connection:
            for table in OF_MEMBERS:
                rows = await connection.execute(sa.select(table).where(table.c.member == whose.member))
                things += rows_as(f"library/{table.name}.json", [self._opened(row) for row in rows.mappings()])
            naming = sa.select(SERVERS.c.server).where(SERVERS.c.settings.contains(whose.member))
            named = [{"blocked_in": row.server} for row in await connection.execute(naming)]
        return things + rows_as("library/servers.json", named)

    async def erase(self, whose: Whose) -> None:
        """Erase by member, server, tale or voice; then tidy the file."""
        erasing = self.library.erasing
        if whose.member:
            await erasing.member(whose.member)
        elif whose.server:
            await erasing.server(whose.server)
        else:
            await erasing.tales(whose.jobs, whose.voice)
        self.library.servers.forget_read()
        await tidy(self.library.engine, packed=whose.thorough)

    def _opened(self, row: sa.RowMapping) -> dict[str, Any]:
        seal = self.library.rows.seal
        plain = {
            name: seal.open_bytes(value).hex() if isinstance(value, bytes) else value for name, value in row.items()
        }
        return {name: seal.open(plain[name]) if name in _SEALED else plain[name] for name in plain}


@dataclass(frozen=True)
class Copies:
    """Store of backups: in the installation's own folder, and those written elsewhere that still lie there."""

    library: Library
    home: Path
    clock: Callable[[], float] = time.time
    name: str = "backups"
    holds: tuple[str, ...] = (f"home:{FOLDER}/*",)

    async def found(self, whose: Whose) -> list[ExportedItem]:  # noqa: ARG002 - the same question to every store
        """Return nothing: a backup is not looked into; a restore leaves out what was erased."""
        return []

    async def erase(self, whose: Whose) -> None:
        """Write a mark beside each backup, which names nobody."""
        salt = await self.library.erasing.salt()
        marks = [digest(salt, kind, name) for kind, name in _named(whose)]
        lines = "".join(json.dumps({"salt": salt, "digest": one, "at": self.clock()}) + "\n" for one in marks)
        await asyncio.to_thread(_noted, self.home / FOLDER, await copies(self.library), lines)


def _named(whose: Whose) -> list[tuple[ErasedKind, str]]:
    if whose.member:
        return [(ErasedKind.MEMBER, whose.member)]
    if whose.server:
        return [(ErasedKind.SERVER, whose.server)]
    voice = [(ErasedKind.VOICE, whose.voice)] if whose.voice else []
    return [*voice, *((ErasedKind.TALE, one) for one in whose.jobs)]


def _noted(folder: Path, elsewhere: list[Path], lines: str) -> None:
    for backup in {one.absolute() for one in (*folder.glob(f"*{SUFFIX}"), *elsewhere)}:
        with backup.with_suffix(MARKS).open("a", encoding="utf-8") as file:
            file.write(lines)


def stores(
    library: Library, door: Door, artifacts: Artifacts, home: Path, files: Pool | None = None
) -> Sequence[Store]:
    """Return the stores in the order in which they are erased: jobs stop first, words go before sounds."""
    return (Journeys(door), Shelves(library), Sounds(artifacts, files), Copies(library, home))
