"""A Postgres looked through for one name."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

_TABLES = sa.text("""select table_schema, table_name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')""")


@dataclass(frozen=True)
class RowTrace:
    """A table in which the name stands."""

    table: str
    times: int
    """Rows."""


async def row_traces(engine: AsyncEngine, name: str) -> list[RowTrace]:
    """In any column of any table of the database that library and queue share; nothing on SQLite, whose files are read.

    A server's own pages cannot be read from here: rows that went lie in them until the next vacuum, which an erase asks
    for, and in its log and its own backups for as long as whoever runs it keeps those.
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
