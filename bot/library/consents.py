"""Consents that members gave."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.library.database import tidy, writing
from bot.library.records import Consent
from bot.library.tables import CONSENTS, USUAL


@dataclass(frozen=True)
class Given:
    """A consent that was given and not withdrawn."""

    member: str
    what: Consent
    server: str
    """"" where it holds everywhere."""
    at: float


@dataclass(frozen=True)
class Consents:
    """Consents as they were given; without one, nothing is allowed."""

    engine: AsyncEngine
    clock: Callable[[], float] = time.time

    async def give(self, member: str, what: Consent, server: str = "") -> None:
        """Note a consent from now on, in this server or (with "") everywhere."""
        row = {"member": member, "what": what, "server": server, "at": self.clock()}
        before = (CONSENTS.c.member == member, CONSENTS.c.what == what, CONSENTS.c.server == server)
        async with writing(self.engine) as connection:
            await connection.execute(sa.delete(CONSENTS).where(*before))
            await connection.execute(sa.insert(CONSENTS).values(row))

    async def has(self, member: str, what: Consent, server: str = "") -> bool:
        """Whether it was given here or everywhere."""
        here = CONSENTS.c.server.in_({server, ""})
        query = sa.select(CONSENTS.c.at).where(CONSENTS.c.member == member, CONSENTS.c.what == what, here)
        async with self.engine.connect() as connection:
            return (await connection.execute(query)).first() is not None

    async def withdraw(self, member: str, what: Collection[Consent], server: str | None = None) -> None:
        """Withdraw consents: in this server, or wherever they were given.

        A voice's usual tone is erased with the last consent to keep it.
        """
        where = [CONSENTS.c.member == member, CONSENTS.c.what.in_(what)]
        if server is not None:
            where.append(CONSENTS.c.server == server)
        async with writing(self.engine) as connection:
            await connection.execute(sa.delete(CONSENTS).where(*where))
            if Consent.USUAL in what:
                await forget_unagreed(connection, [member])
        # The log only: packing the whole file would keep everybody from writing, for one row.
        await tidy(self.engine, packed=False)

    async def of_member(self, member: str) -> list[Given]:
        """Return a member's consents that are not withdrawn."""
        query = sa.select(CONSENTS).where(CONSENTS.c.member == member).order_by(CONSENTS.c.at)
        async with self.engine.connect() as connection:
            rows = await connection.execute(query)
            return [Given(row.member, Consent(row.what), row.server, row.at) for row in rows]


async def forget_unagreed(connection: AsyncConnection, members: Sequence[str]) -> None:
    """Erase the usual voice of those of these members who let no server keep it any more."""
    agreed = sa.select(CONSENTS.c.member).where(CONSENTS.c.what == Consent.USUAL)
    await connection.execute(sa.delete(USUAL).where(USUAL.c.member.in_(members), USUAL.c.member.not_in(agreed)))
