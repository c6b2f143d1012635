"""Opens the library's database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import StampStep
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.library.tables import METADATA
from pipeline.errors import Unwell
from pipeline.log import log_of
from pipeline.settings import POSTGRES_WAITS

FOLDER = Path(__file__).parent / "migrations"
VERSION_TABLE = "library_version"


FILE = "library.db"
_BUSY_S = 30  # how long SQLite waits for a lock: an erase of thousands of tales may hold it
_POOL = 5
_CHECKPOINT_TRIES, _CHECKPOINT_WAIT_S = 100, 0.1
_TURNS: WeakKeyDictionary[AsyncEngine, asyncio.Lock] = WeakKeyDictionary()
"""One lock for each engine of SQLite, which allows one writer at a time."""
log = log_of("library")
# A killed process loses nothing; what is deleted is overwritten, so that erased words do not stay in free pages.
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON")


@asynccontextmanager
async def opened(where: str | Path) -> AsyncIterator[AsyncEngine]:
    """Open a file or folder of SQLite, or a Postgres URL, and migrate it; raises Unwell `library_unreadable`."""
    url = url_of(where)
    engine = _engine(url)
    try:
        await _made_ready(engine, url)
        await tidy(engine, packed=False, tries=1)  # an earlier process may have been killed between erase and tidying
        yield engine
    finally:
        await engine.dispose()


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open a transaction that changes something.

    Writers to SQLite wait here, in turn and without a connection: SQLite itself lets them sleep and try again,
    unfairly, each with one of a few connections that readers then miss.
    """
    async with _turn(engine), engine.begin() as connection:
        yield connection


def url_of(where: str | Path) -> sa.URL:
    """Return what SQLAlchemy opens for it."""
    text = str(where)
    if text.startswith("postgres"):
        return sa.make_url(text.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg")
    if text.startswith("sqlite"):
        return sa.make_url(text).set(drivername="sqlite+aiosqlite")
    path = Path(where)
    file = path if path.suffix else path / FILE
    return sa.URL.create("sqlite+aiosqlite", database=str(file))


async def tidy(engine: AsyncEngine, *, packed: bool = True, tries: int = _CHECKPOINT_TRIES) -> bool:
    """Clear erased data from the log and, with `packed`, from free pages.

    False where a reader of an older state kept the log from being emptied; the next sweep tries again.
    """
    if engine.dialect.name != "sqlite":
        if packed:
            async with engine.connect() as connection:
                alone = await connection.execution_options(isolation_level="AUTOCOMMIT")  # no VACUUM in a transaction
                await alone.execute(sa.text("vacuum"))
        return True
    if packed:
        async with _turn(engine), engine.connect() as connection:
            await connection.execute(sa.text("vacuum"))
    for number in range(tries):
        if number:
            await asyncio.sleep(_CHECKPOINT_WAIT_S)
        if await _emptied(engine):
            return True
    log.warning("library_log_kept")
    return False


async def _emptied(engine: AsyncEngine) -> bool:
    """Try to empty the log; False where somebody reads an older state or empties it just now.

    The connection is given back at once: many who wait for an empty log must not keep everybody else from the library.
    """
    async with _turn(engine), engine.connect() as connection:
        try:
            # Without waiting: a checkpoint that waits holds off all writers meanwhile.
            await connection.execute(sa.text("pragma busy_timeout=0"))
            return not (await connection.execute(sa.text("pragma wal_checkpoint(truncate)"))).one()[0]
        finally:
            await connection.execute(sa.text(f"pragma busy_timeout={_BUSY_S * 1000}"))


def _turn(engine: AsyncEngine) -> AbstractAsyncContextManager[object]:
    return _TURNS.setdefault(engine, asyncio.Lock()) if engine.dialect.name == "sqlite" else nullcontext()


def _engine(url: sa.URL) -> AsyncEngine:
    if not url.drivername.startswith("sqlite"):
        # A server that was restarted leaves dead connections in the pool: each is tried before it is used.
        waits = {"pool_pre_ping": True, "connect_args": POSTGRES_WAITS}
        return create_async_engine(url, pool_size=_POOL, hide_parameters=True, **waits)
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    # An error names no parameters: they are members' words, and errors go to the log.
    engine = create_async_engine(url, connect_args={"timeout": _BUSY_S}, pool_size=_POOL, hide_parameters=True)

    @sa.event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # A transaction that reads first and writes then would fail at once where another wrote in between.
        connection.isolation_level = "IMMEDIATE"
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={_BUSY_S * 1000}", *_PRAGMAS):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


async def _made_ready(engine: AsyncEngine, url: sa.URL) -> None:
    from bot.library.database import to_newest  # Alembic costs a fifth of a second to import

    try:
        if url.drivername.startswith("sqlite"):
            # Two processes may come at once, and SQLite's tables are not made within a transaction.
            from filelock import AsyncFileLock

            async with AsyncFileLock(f"{url.database}.making"), engine.connect() as connection:
                await connection.run_sync(to_newest)
                await connection.commit()
            return
        async with engine.begin() as connection:
            # Two bots that start together must not both migrate; the number is ours, and not the one of only_bot.
            await connection.execute(sa.text("select pg_advisory_xact_lock(7305511)"))
            await connection.run_sync(to_newest)
    except (sa.exc.DatabaseError, OSError) as error:
        why = str(error).strip().splitlines()[0]
        raise Unwell("library_unreadable", database=url.render_as_string(), why=why) from error


def to_newest(connection: sa.Connection) -> None:
    """Run every missing migration; nothing that is there is lost."""
    scripts = ScriptDirectory(str(FOLDER))

    def steps(revision: tuple[str, ...] | str, _context: object) -> list[StampStep]:
        # Alembic's own typing: a list of steps, of which stamps are one kind.
        return scripts._upgrade_revs("head", revision)  # type: ignore[arg-type,return-value] # as env.py files do

    with EnvironmentContext(Config(), scripts, fn=steps, destination_rev="head") as environment:
        environment.configure(
            connection=connection,
            target_metadata=METADATA,
            version_table=VERSION_TABLE,
            render_as_batch=True,
        )
        with environment.begin_transaction():
            environment.run_migrations()
