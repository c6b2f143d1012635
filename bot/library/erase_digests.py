"""Marks of what was erased."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.library.tables import NOTED

SALT = "salt"
_OLDER = "salt."
"""Prefix of the names of salts that came with a backup, or were used before a restore."""
MARK_CHARS = 64


class ErasedKind(StrEnum):
    """Kind of what was erased."""

    MEMBER = "member"
    SERVER = "server"
    TALE = "tale"
    VOICE = "voice"


def digest(salt: str, kind: ErasedKind, name: str) -> str:
    """Return the mark of one id."""
    return hashlib.sha256(f"{salt}:{kind}:{name}".encode()).hexdigest()


async def salt_of(connection: AsyncConnection) -> str:
    """Return this library's salt, made at first use."""
    # Ids of Discord are few enough to be tried one by one: without a salt a mark would name its member.
    known: str | None = await connection.scalar(sa.select(NOTED.c.value).where(NOTED.c.name == SALT))
    if known is None:
        known = secrets.token_hex(16)
        await connection.execute(sa.insert(NOTED).values(name=SALT, value=known))
    return known


async def salts_of(connection: AsyncConnection) -> tuple[str, ...]:
    """Return every salt under which marks of this library were made, the present one first."""
    today = await salt_of(connection)
    older = sa.select(NOTED.c.value).where(NOTED.c.name.startswith(_OLDER), NOTED.c.value != today)
    return (today, *await connection.scalars(older))


async def know_salts(connection: AsyncConnection, salts: Iterable[str]) -> None:
    """Keep these salts, so that marks made with them are still recognised."""
    known = await salts_of(connection)
    for salt in set(salts).difference(known):
        await connection.execute(sa.insert(NOTED).values(name=f"{_OLDER}{salt[:8]}", value=salt))
