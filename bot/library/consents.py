"""Who agreed to what."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.library.kept import Consent, Given
from bot.library.tables import CONSENTS


@dataclass(frozen=True)
class Consents:
    """What nobody gave does not stand."""

    engine: AsyncEngine
    clock: Callable[[], float] = time.time

    async def give(self, member: str, what: Consent, server: str = "") -> None:
        """From now on, in this server or (with "") everywhere."""
        await self.withdraw(member, what, server)
        row = {"member": member, "what": what, "server": server, "at": self.clock()}
        async with self.engine.begin() as connection:
            await connection.execute(sa.insert(CONSENTS).values(row))

    async def has(self, member: str, what: Consent, server: str = "") -> bool:
        """Whether it stands here."""
        here = CONSENTS.c.server.in_({server, ""})
        query = sa.select(CONSENTS.c.at).where(CONSENTS.c.member == member, CONSENTS.c.what == what, here)
        async with self.engine.connect() as connection:
            return (await connection.execute(query)).first() is not None

    async def withdraw(self, member: str, what: Consent, server: str | None = None) -> None:
        """From now on no more: in this server, or wherever it was given."""
        where = [CONSENTS.c.member == member, CONSENTS.c.what == what]
        if server is not None:
            where.append(CONSENTS.c.server == server)
        async with self.engine.begin() as connection:
            await connection.execute(sa.delete(CONSENTS).where(*where))

    async def of_member(self, member: str) -> list[Given]:
        """All that stand."""
        query = sa.select(CONSENTS).where(CONSENTS.c.member == member).order_by(CONSENTS.c.at)
        async with self.engine.connect() as connection:
            rows = await connection.execute(query)
            return [Given(row.member, Consent(row.what), row.server, row.at) for row in rows]
