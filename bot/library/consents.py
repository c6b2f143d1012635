"""Who agreed to what."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.library.database import tidy, writing
from bot.library.records import Consent, Given
from bot.library.tables import CONSENTS, USUAL


@dataclass(frozen=True)
class Consents:
    """What nobody gave does not stand."""

    engine: AsyncEngine
    clock: Callable[[], float] = time.time

    async def give(self, member: str, what: Consent, server: str = "") -> None:
        """From now on, in this server or (with "") everywhere."""
        row = {"member": member, "what": what, "server": server, "at": self.clock()}
        before = (CONSENTS.c.member == member, CONSENTS.c.what == what, CONSENTS.c.server == server)
        async with writing(self.engine) as connection:
            await connection.execute(sa.delete(CONSENTS).where(*before))
            await connection.execute(sa.insert(CONSENTS).values(row))

    async def has(self, member: str, what: Consent, server: str = "") -> bool:
        """Whether it stands here."""
        here = CONSENTS.c.server.in_({server, ""})
        query = sa.select(CONSENTS.c.at).where(CONSENTS.c.member == member, CONSENTS.c.what == what, here)
        async with self.engine.connect() as connection:
            return (await connection.execute(query)).first() is not None

    async def withdraw(self, member: str, what: Collection[Consent], server: str | None = None) -> None:
        """From now on no more: in this server, or wherever it was given.

        What somebody's voice is usually like goes with the last consent to its being kept.
        """
        where = [CONSENTS.c.member == member, CONSENTS.c.what.in_(what)]
        if server is not None:
            where.append(CONSENTS.c.server == server)
        async with writing(self.engine) as connection:
            await connection.execute(sa.delete(CONSENTS).where(*where))
            if Consent.USUAL in what:
                await forget_unagreed(connection, [member])
        await tidy(self.engine, packed=False)

    async def of_member(self, member: str) -> list[Given]:
        """A member's consents that are not revoked."""
        query = sa.select(CONSENTS).where(CONSENTS.c.member == member).order_by(CONSENTS.c.at)
        async with self.engine.connect() as connection:
            rows = await connection.execute(query)
            return [Given(row.member, Consent(row.what), row.server, row.at) for row in rows]


async def forget_unagreed(connection: AsyncConnection, members: Sequence[str]) -> None:
    """Of these, whoever lets nobody keep their usual voice any more: it goes."""
    agreed = sa.select(CONSENTS.c.member).where(CONSENTS.c.what == Consent.USUAL)
    await connection.execute(sa.delete(USUAL).where(USUAL.c.member.in_(members), USUAL.c.member.not_in(agreed)))
