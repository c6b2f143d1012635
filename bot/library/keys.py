"""Keys of the open door, hashed."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.library.database import writing
from bot.library.tables import KEYS, NOTED

PREFIX = "echo"
LINKS = "web_links"
"""Name of the secret in `noted` that signs links."""
_ID_BYTES, _SECRET_BYTES = 4, 32


class KeyScope(StrEnum):
    """What a key may do; each on its own."""

    TELL = "tell"
    """Ask for tales, stop them, change them."""
    LISTEN = "listen"
    """Read and hear tales of its member, and those asked for by the same server's keys."""
    SPEECH = "speech"
    """Speech, transcription, music and feelings, none of which is kept."""
    SERVER = "server"
    """See every tale of its server that is not for one member alone."""
    ADULT = "adult"
    """Ask for tales for adults, where the server allows them."""
    REVIEW = "review"
    """See the queue, health and refused tales, and change anybody's tale."""


USUAL = (KeyScope.TELL, KeyScope.LISTEN, KeyScope.SPEECH)
"""Scopes of a key for which none are named."""


@dataclass(frozen=True)
class KeptKey:
    """A key without its secret."""

    id: str
    member: str
    """Whose tales it asks for: a Discord id, or a name where there is no Discord."""
    server: str
    """Whose settings and limits hold; "" for the defaults."""
    name: str
    """What its owner calls it."""
    scopes: frozenset[KeyScope]
    made_at: float
    ends_at: float
    """Seconds since the epoch; 0 for never."""


@dataclass(frozen=True)
class Keys:
    """Makes, finds and removes keys; a secret is shown once and kept as its hash."""

    engine: AsyncEngine
    clock: Callable[[], float]

    async def make(
        self, member: str, server: str = "", name: str = "", scopes: Collection[KeyScope] = USUAL, ends_at: float = 0.0
    ) -> str:
        """Make a key and return it whole, for the only time."""
        key, secret = secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
        row = {"id": key, "digest": _digest(secret), "member": member, "server": server, "name": name}
        times = {"made_at": self.clock(), "ends_at": ends_at}
        async with writing(self.engine) as connection:
            await connection.execute(sa.insert(KEYS).values(row | times | {"scopes": json.dumps(sorted(scopes))}))
        return f"{PREFIX}_{key}_{secret}"

    async def find(self, whole: str) -> KeptKey | None:
        """Return the key that somebody showed; None where it is unknown, wrong or over."""
        prefix, _, rest = whole.partition("_")
        key, _, secret = rest.partition("_")
        if prefix != PREFIX or not key.isalnum() or not secret.isascii():
            return None
        async with self.engine.connect() as connection:
            row = (await connection.execute(sa.select(KEYS).where(KEYS.c.id == key))).mappings().first()
        # Compared also where there is no such key: how long it takes tells nothing.
        fits = hmac.compare_digest(_digest(secret), row["digest"] if row else _digest(""))
        return self._read(row) if row and fits and not self._over(row) else None

    async def by_id(self, key: str) -> KeptKey | None:
        """Return a key that still holds, for feeds signed in its name."""
        async with self.engine.connect() as connection:
            row = (await connection.execute(sa.select(KEYS).where(KEYS.c.id == key))).mappings().first()
        return self._read(row) if row and not self._over(row) else None

    async def remove_over(self) -> None:
        """Remove keys that have ended."""
        over = (KEYS.c.ends_at > 0, KEYS.c.ends_at < self.clock())
        async with writing(self.engine) as connection:
            await connection.execute(sa.delete(KEYS).where(*over))

    async def every(self) -> list[KeptKey]:
        """Return all keys, the oldest first."""
        async with self.engine.connect() as connection:
            rows = (await connection.execute(sa.select(KEYS).order_by(KEYS.c.made_at))).mappings().all()
        return [self._read(row) for row in rows]

    async def remove(self, key: str) -> bool:
        """Remove a key, and with it the links in its name; False where there is none."""
        async with writing(self.engine) as connection:
            return bool((await connection.execute(sa.delete(KEYS).where(KEYS.c.id == key))).rowcount)

    async def link_secret(self) -> bytes:
        """Return what signs links, made at its first use."""
        async with writing(self.engine) as connection:
            known = await connection.scalar(sa.select(NOTED.c.value).where(NOTED.c.name == LINKS))
            if known is None:
                known = secrets.token_hex(_SECRET_BYTES)
                await connection.execute(sa.insert(NOTED).values(name=LINKS, value=known))
        return bytes.fromhex(str(known))

    def _over(self, row: sa.RowMapping) -> bool:
        return bool(row["ends_at"]) and row["ends_at"] < self.clock()

    def _read(self, row: sa.RowMapping) -> KeptKey:
        known = {str(one) for one in KeyScope}
        scopes = frozenset(KeyScope(one) for one in json.loads(row["scopes"]) if one in known)
        fields = {name: row[name] for name in ("id", "member", "server", "name", "made_at", "ends_at")}
        return KeptKey(scopes=scopes, **fields)


def _digest(secret: str) -> str:
    # A plain hash is enough: the secret is 256 bits of chance, which nobody can try through.
    return hashlib.sha256(secret.encode()).hexdigest()
