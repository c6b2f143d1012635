"""One bot for each library.

Two would erase each other's recordings, deliver each other's tales and note each other's servers as left. A lock in the
state folder keeps them apart on one machine, one in the database across machines.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from filelock import FileLock, Timeout

from bot.momentary import beside
from pipeline.errors import Unwell
from pipeline.log import log_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

NAME = "bot-of-this-home"
"""Name of its lock; executors are named by their machines."""
_KEY = 7305512
"""Number of the lock in Postgres, which is held as long as its connection. No other lock may have it."""
_LOOK_S = 30.0
log = log_of("only_bot")


@contextmanager
def alone_at(state: Path) -> Iterator[None]:
    """Hold the lock of this home; raises Unwell `bot_already_here`."""
    try:
        lock = _lock(state).acquire(timeout=0)
    except Timeout as error:
        raise Unwell("bot_already_here", where=str(state.parent)) from error
    with lock:
        yield


def at_work(state: Path) -> bool:
    """Whether a bot runs on this home now."""
    try:
        with _lock(state).acquire(timeout=0):
            return False
    except Timeout:
        return True


@asynccontextmanager
async def alone_on(engine: AsyncEngine) -> AsyncIterator[None]:
    """Hold the lock of this database, where several machines can reach it; raises Unwell `bot_already_here`."""
    if engine.dialect.name == "sqlite":
        yield
        return
    held = _Held(engine)
    if not await held.taken():
        await held.close()
        raise Unwell("bot_already_here", where=engine.url.render_as_string())
    try:
        async with beside(held.keep(), "only bot"):
            yield
    finally:
        await held.close()


def _lock(state: Path) -> FileLock:
    state.mkdir(parents=True, exist_ok=True)
    # One for all threads: by default, a lock taken on one thread counts as free on another.
    return FileLock(state / f"{NAME}.lock", thread_local=False)


class _Held:
    """A lock that is held as long as its connection, and taken again after the database was away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None

    async def taken(self) -> bool:
        """Try to take the lock; returns whether this bot holds it."""
        if self._connection is None:
            connection = await self._engine.connect()
            self._connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        return bool(await self._connection.scalar(sa.text(f"select pg_try_advisory_lock({_KEY})")))

    async def keep(self) -> None:
        """Look after the lock until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_S)
            try:
                ours = await self._still()
            except (sa.exc.SQLAlchemyError, OSError) as error:
                log.warning("lock_not_checked", why=repr(error)[:200])
                await self.close()
                continue
            if not ours:
                log.error("another_bot_on_this_library")

    async def close(self) -> None:
        """Give the lock back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sa.exc.SQLAlchemyError, OSError):
                await connection.invalidate()  # back in the pool it would still hold the lock
                await connection.close()

    async def _still(self) -> bool:
        if self._connection is None:
            return await self.taken()
        # A connection that answers still holds its lock: the server drops both together.
        await self._connection.scalar(sa.text("select 1"))
        return True
