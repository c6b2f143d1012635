"""Erases rows, and remembers that it did."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.library.consents import forget_unagreed
from bot.library.database import writing
from bot.library.erase_digests import ErasedKind, digest, salt_of, salts_of
from bot.library.records import Consent
from bot.library.tables import (
    CHOSEN,
    CONSENTS,
    ERASURES,
    HEARD,
    HEARTS,
    KEYS,
    SERVERS,
    TALES,
    USUAL,
    VOICES,
    WORLD_NOTES,
)

OF_MEMBERS = (TALES, VOICES, CHOSEN, USUAL, CONSENTS, HEARTS, WORLD_NOTES, HEARD, KEYS)
"""Tables with a column `member`."""
OF_SERVERS = (TALES, SERVERS, CONSENTS, WORLD_NOTES, HEARD, KEYS)
"""Tables with a column `server`."""
_AT_ONCE = 500
"""Ids in one query: SQLite limits the number of variables."""


@dataclass(frozen=True)
class Erased:
    """A mark that something was erased, which does not say what."""

    digest: str
    at: float  # seconds since the epoch


@dataclass(frozen=True)
class Erasing:
    """Erases rows and leaves salted marks, so that a restore of an old backup leaves them out."""

    engine: AsyncEngine
    clock: Callable[[], float] = time.time

    async def member(self, member: str) -> None:
        """Erase every row of a member."""
        async with writing(self.engine) as connection:
            await self._mark(connection, ErasedKind.MEMBER, [member])
            # Hearts and choices that hang on their rows are put right while those rows are still there.
            await _recount(connection, sa.select(HEARTS.c.tale).where(HEARTS.c.member == member))
            voices = sa.select(VOICES.c.id).where(VOICES.c.member == member)
            await unchoose(connection, CHOSEN.c.voice.in_(voices))
            for table in OF_MEMBERS:
                await connection.execute(sa.delete(table).where(table.c.member == member))
            await self._unname(connection, member)

    async def server(self, server: str) -> None:
        """Erase every row of a server, with its settings."""
        async with writing(self.engine) as connection:
            await self._mark(connection, ErasedKind.SERVER, [server])
            here = sa.select(CONSENTS.c.member).where(CONSENTS.c.server == server, CONSENTS.c.what == Consent.USUAL)
            heard = list(await connection.scalars(here))  # read before their consents here go
            for table in OF_SERVERS:
                await connection.execute(sa.delete(table).where(table.c.server == server))
            await forget_unagreed(connection, heard)
            for row in (await connection.execute(sa.select(VOICES).where(VOICES.c.servers.contains(server)))).all():
                lent = json.dumps([one for one in json.loads(row.servers) if one != server])
                await connection.execute(sa.update(VOICES).where(VOICES.c.id == row.id).values(servers=lent))

    async def tales(self, tales: Iterable[str], voice: str = "") -> None:
        """Erase these tales alone, and a learnt voice where one is named."""
        every = list(tales)
        async with writing(self.engine) as connection:
            for first in range(0, len(every), _AT_ONCE):
                some = every[first : first + _AT_ONCE]
                await self._mark(connection, ErasedKind.TALE, some)
                await connection.execute(sa.delete(TALES).where(TALES.c.id.in_(some)))
            await self._mark(connection, ErasedKind.VOICE, filter(None, [voice]))
            await connection.execute(sa.delete(VOICES).where(VOICES.c.id == voice))

    async def marks(self) -> list[Erased]:
        """Return the marks of all that was ever erased."""
        async with self.engine.connect() as connection:
            return [Erased(row.digest, row.at) for row in await connection.execute(sa.select(ERASURES))]

    async def forget_old(self, before: float) -> int:
        """Remove marks older than any backup; returns how many."""
        async with writing(self.engine) as connection:
            return int((await connection.execute(sa.delete(ERASURES).where(ERASURES.c.at < before))).rowcount)

    async def salt(self) -> str:
        """Return the present salt."""
        async with writing(self.engine) as connection:
            return await salt_of(connection)

    async def salts(self) -> tuple[str, ...]:
        """Return the present salt, and those of marks that came with a backup."""
        async with writing(self.engine) as connection:
            return await salts_of(connection)

    async def _mark(self, connection: AsyncConnection, kind: ErasedKind, ids: Iterable[str]) -> None:
        salt = await salt_of(connection)
        rows = [{"digest": digest(salt, kind, one), "at": self.clock()} for one in ids]
        if rows:
            # Marked anew with a later time: a restore tells by it that this was erased again after the backup.
            await connection.execute(sa.delete(ERASURES).where(ERASURES.c.digest.in_([row["digest"] for row in rows])))
            await connection.execute(sa.insert(ERASURES), rows)

    async def _unname(self, connection: AsyncConnection, member: str) -> None:
        """Put a member's mark in place of their id where a server blocked them: an erase must not unblock."""
        mark = digest(await salt_of(connection), ErasedKind.MEMBER, member)
        for row in (await connection.execute(sa.select(SERVERS).where(SERVERS.c.settings.contains(member)))).all():
            settings: dict[str, Any] = json.loads(row.settings)
            blocked = [mark if one == member else one for one in settings.get("blocked_members", [])]
            text = json.dumps(settings | {"blocked_members": blocked})
            await connection.execute(sa.update(SERVERS).where(SERVERS.c.server == row.server).values(settings=text))


async def _recount(connection: AsyncConnection, tales: sa.Select[Any]) -> None:
    """Take one heart off each of these tales."""
    await connection.execute(sa.update(TALES).where(TALES.c.id.in_(tales)).values(hearts=TALES.c.hearts - 1))


async def unchoose(connection: AsyncConnection, voice: sa.ColumnElement[bool]) -> None:
    """Clear a voice from the choices of members, who keep the manner they chose beside it."""
    await connection.execute(sa.delete(CHOSEN).where(voice, CHOSEN.c.speaking == ""))
    await connection.execute(sa.update(CHOSEN).where(voice).values(voice=""))
