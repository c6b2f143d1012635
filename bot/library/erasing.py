"""Taken out for good, and remembered as such."""

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
from bot.library.tables import CHOSEN, CONSENTS, ERASURES, HEARTS, SERVERS, TALES, USUAL, VOICES

OF_MEMBERS = (TALES, VOICES, CHOSEN, USUAL, CONSENTS, HEARTS)
"""Tables with a column `member`."""
OF_SERVERS = (TALES, SERVERS, CONSENTS)
"""Tables with a column `server`."""
_AT_ONCE = 500
"""Ids in one question."""


@dataclass(frozen=True)
class Erased:
    """A mark that something was erased, from which nobody reads what."""

    digest: str
    at: float


@dataclass(frozen=True)
class Erasing:
    """Rows go, a salted mark stays: what an old backup brings back goes again."""

    engine: AsyncEngine
    clock: Callable[[], float] = time.time

    async def member(self, member: str) -> None:
        """Every row of theirs."""
        async with writing(self.engine) as connection:
            await self._mark(connection, ErasedKind.MEMBER, [member])
            await _recount(connection, sa.select(HEARTS.c.tale).where(HEARTS.c.member == member))
            voices = sa.select(VOICES.c.id).where(VOICES.c.member == member)
            await unchoose(connection, CHOSEN.c.voice.in_(voices))
            for table in OF_MEMBERS:
                await connection.execute(sa.delete(table).where(table.c.member == member))
            await self._unname(connection, member)

    async def server(self, server: str) -> None:
        """Every row of the server, with its settings."""
        async with writing(self.engine) as connection:
            await self._mark(connection, ErasedKind.SERVER, [server])
            here = sa.select(CONSENTS.c.member).where(CONSENTS.c.server == server, CONSENTS.c.what == Consent.USUAL)
            heard = list(await connection.scalars(here))
            for table in OF_SERVERS:
                await connection.execute(sa.delete(table).where(table.c.server == server))
            await forget_unagreed(connection, heard)
            for row in (await connection.execute(sa.select(VOICES).where(VOICES.c.servers.contains(server)))).all():
                lent = json.dumps([one for one in json.loads(row.servers) if one != server])
                await connection.execute(sa.update(VOICES).where(VOICES.c.id == row.id).values(servers=lent))

    async def tales(self, tales: Iterable[str], voice: str = "") -> None:
        """These tales alone, and a learnt voice where one is named."""
        every = list(tales)
        async with writing(self.engine) as connection:
            for first in range(0, len(every), _AT_ONCE):
                some = every[first : first + _AT_ONCE]
                await self._mark(connection, ErasedKind.TALE, some)
                await connection.execute(sa.delete(TALES).where(TALES.c.id.in_(some)))
            await self._mark(connection, ErasedKind.VOICE, filter(None, [voice]))
            await connection.execute(sa.delete(VOICES).where(VOICES.c.id == voice))

    async def marks(self) -> list[Erased]:
        """All that was ever erased."""
        async with self.engine.connect() as connection:
            return [Erased(row.digest, row.at) for row in await connection.execute(sa.select(ERASURES))]

    async def forget_old(self, before: float) -> int:
        """Marks that no backup is old enough for; says how many went."""
        async with writing(self.engine) as connection:
            return int((await connection.execute(sa.delete(ERASURES).where(ERASURES.c.at < before))).rowcount)

    async def salt(self) -> str:
        """What makes this library's marks its own."""
        async with writing(self.engine) as connection:
            return await salt_of(connection)

    async def salts(self) -> tuple[str, ...]:
        """Today's, and those of marks that came with a backup."""
        async with writing(self.engine) as connection:
            return await salts_of(connection)

    async def _mark(self, connection: AsyncConnection, kind: ErasedKind, ids: Iterable[str]) -> None:
        salt = await salt_of(connection)
        rows = [{"digest": digest(salt, kind, one), "at": self.clock()} for one in ids]
        if rows:
            await connection.execute(sa.delete(ERASURES).where(ERASURES.c.digest.in_([row["digest"] for row in rows])))
            await connection.execute(sa.insert(ERASURES), rows)

    async def _unname(self, connection: AsyncConnection, member: str) -> None:
        """Where a server blocked them, the mark takes the place of their id: erased is not unblocked."""
        mark = digest(await salt_of(connection), ErasedKind.MEMBER, member)
        for row in (await connection.execute(sa.select(SERVERS).where(SERVERS.c.settings.contains(member)))).all():
            settings: dict[str, Any] = json.loads(row.settings)
            blocked = [mark if one == member else one for one in settings.get("blocked_members", [])]
            text = json.dumps(settings | {"blocked_members": blocked})
            await connection.execute(sa.update(SERVERS).where(SERVERS.c.server == row.server).values(settings=text))


async def _recount(connection: AsyncConnection, tales: sa.Select[Any]) -> None:
    """One heart less on each of these."""
    await connection.execute(sa.update(TALES).where(TALES.c.id.in_(tales)).values(hearts=TALES.c.hearts - 1))


async def unchoose(connection: AsyncConnection, voice: sa.ColumnElement[bool]) -> None:
    """Whoever chose a voice that goes keeps the manner they chose beside it."""
    await connection.execute(sa.delete(CHOSEN).where(voice, CHOSEN.c.speaking == ""))
    await connection.execute(sa.update(CHOSEN).where(voice).values(voice=""))
