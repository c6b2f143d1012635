"""Marks of what was erased."""

from __future__ import annotations

import hashlib
import secrets
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.library.tables import NOTED

SALT = "salt"
MARK_CHARS = 64


class Kind(StrEnum):
    """What was erased."""

    MEMBER = "member"
    SERVER = "server"
    TALE = "tale"
    VOICE = "voice"


def digest(salt: str, kind: Kind, name: str) -> str:
    """The mark of one id."""
    return hashlib.sha256(f"{salt}:{kind}:{name}".encode()).hexdigest()


async def salt_of(connection: AsyncConnection) -> str:
    """What makes this library's marks its own."""
    known: str | None = await connection.scalar(sa.select(NOTED.c.value).where(NOTED.c.name == SALT))
    if known is None:
        known = secrets.token_hex(16)
        await connection.execute(sa.insert(NOTED).values(name=SALT, value=known))
    return known
