"""The verb that looks after members' data."""

from __future__ import annotations

import argparse
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from cryptography.fernet import Fernet
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.library.terminal import opened, run
from bot.privacy.export import exported
from bot.privacy.privacy import Privacy
from bot.privacy.scan import Trace, traces, traces_everywhere, traces_in_depot
from bot.wording import said
from pipeline.artifacts import artifacts_of
from pipeline.places import Places
from pipeline.road.door import door
from pipeline.settings import read_settings
from pipeline.wording import terminal_locale

_TABLES = sa.text("""select table_schema, table_name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')""")


def main(argv: Sequence[str]) -> int:
    """Run the verb `privacy`."""
    args = _parser().parse_args(argv)
    if args.what == "key":
        print(Fernet.generate_key().decode())
        return 0
    works = {"scan": _scan, "export": _export, "erase": _erase}
    return run(works[args.what](args))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="echotales.py privacy", description="What is kept of a member.")
    whats = parser.add_subparsers(dest="what", required=True)
    told = {
        "scan": "count what is kept, and look through every byte: home, cache, depot, packed and opened files",
        "export": "as a zip",
        "erase": "from library, queue, sounds and depot, on every worker; messages on Discord go by /privacy alone",
    }
    for what, says in told.items():
        each = whats.add_parser(what, help=says)
        each.add_argument("member", type=_snowflake, metavar="MEMBER", help="their Discord id")
        each.add_argument("--json", action="store_true", help="one JSON object")
        if what == "scan":
            words = "also look for these letters, such as words of a wish; may be said again"
            each.add_argument("--word", action="append", default=[], metavar="TEXT", help=words)
        if what == "export":
            each.add_argument("--out", type=Path, default=Path(), help="a folder")
    whats.add_parser("key", help="make a key for ECHOTALES_DATA_KEY, which seals members' words")
    return parser


async def _scan(args: argparse.Namespace) -> int:
    async with _privacy() as privacy:
        found = await privacy.found(args.member)
        seen = [trace for name in (args.member, *args.word) for trace in _seen(privacy, name)]
        rows_seen = await row_traces(privacy.library.engine, args.member)
        on_postgres = privacy.library.engine.dialect.name == "postgresql"
    every = [thing for things in found.values() for thing in things]
    rows, size = sum(thing.rows for thing in every), sum(thing.size for thing in every)
    if args.json:
        times = sum(one.times for one in seen) + sum(row.times for row in rows_seen)
        print(json.dumps({"rows": rows, "bytes": size, "traces": times, "pages_unread": int(on_postgres)}))
        return 0
    for thing in every:
        print(f"{thing.rows:>8} {thing.size:>12}  {thing.name}")
    for one in seen:
        print(said("privacy.trace", terminal_locale(), times=one.times, file=one.path))
    for row in rows_seen:
        print(said("privacy.trace", terminal_locale(), times=row.times, file=row.table))
    if on_postgres:
        print(said("privacy.pages", terminal_locale()))
    print(said("privacy.scanned", terminal_locale(), rows=rows, bytes=size))
    return 0


def _seen(privacy: Privacy, name: str) -> list[Trace]:
    here = traces_everywhere(privacy.home, Places.here().cache, name)
    return here + traces_in_depot(privacy.artifacts, name)


async def _export(args: argparse.Namespace) -> int:
    async with _privacy() as privacy:
        files = [await exported(privacy, args.member, args.out)]
    print(json.dumps({"files": [str(file) for file in files]}) if args.json else "\n".join(map(str, files)))
    return 0


async def _erase(args: argparse.Namespace) -> int:
    async with _privacy() as privacy:
        gone = await privacy.erase_member(args.member)
        left = traces(privacy.home, args.member)
    if args.json:
        print(json.dumps({"tales": len(gone), "traces": sum(one.times for one in left)}))
    else:
        print(said("privacy.erased_by_operator", terminal_locale(), tales=len(gone)))
    return 0


@asynccontextmanager
async def _privacy() -> AsyncIterator[Privacy]:
    settings = read_settings()
    async with opened() as (library, places):
        places.state.mkdir(parents=True, exist_ok=True)
        async with door(places.road(settings.database_url), settings.data_key) as at:
            artifacts = artifacts_of(places.artifacts, settings.artifacts_url, settings.data_key)
            yield Privacy(library, at, artifacts, places.home)


def _snowflake(text: str) -> str:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(text)
    return text


@dataclass(frozen=True)
class RowTrace:
    """A table that holds the name."""

    table: str
    times: int
    """In how many rows."""


async def row_traces(engine: AsyncEngine, name: str) -> list[RowTrace]:
    """Search every column of the Postgres database that library and queue share; SQLite's files are scanned instead.

    A server's own pages cannot be read from here: erased rows lie in them until the next vacuum, which an erase asks
    for, and in its log and its backups for as long as its operator keeps those.
    """
    if engine.dialect.name != "postgresql":
        return []
    found = []
    async with engine.connect() as connection:
        quote = engine.dialect.identifier_preparer.quote
        for schema, table in (await connection.execute(_TABLES)).all():
            whole = f"{quote(schema)}.{quote(table)}"
            query = sa.text(f"select count(*) from {whole} as one where one::text like :name")  # noqa: S608 - quoted
            times = await connection.scalar(query, {"name": f"%{name}%"})
            found += [RowTrace(f"{schema}.{table}", int(times))] if times else []
    return found
