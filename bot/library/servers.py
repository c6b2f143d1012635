"""Settings of the servers."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.library.database import writing
from bot.library.erase_digests import MARK_CHARS, ErasedKind, digest, salts_of
from bot.library.records import ServerSettings
from bot.library.tables import SERVERS
from pipeline.words.jsonable import from_json, to_json

_DEFAULTS = ServerSettings()


@dataclass(frozen=True)
class Servers:
    """Settings, remembered once read, since every command reads them; one bot and an operator's erase write them."""

    engine: AsyncEngine
    _known: dict[str, ServerSettings] = field(default_factory=dict)

    async def of(self, server: str) -> ServerSettings:
        """Return a server's settings; the defaults where nobody changed them, and in direct messages."""
        if not server:
            return _DEFAULTS
        if server not in self._known:
            self._known[server] = _settings(await self._column(SERVERS.c.settings, server))
        return self._known[server]

    async def change(self, server: str, **fields: Any) -> ServerSettings:
        """Change settings in the library and return all of them."""
        # Read anew: an erase beside a running bot would be undone by what this one remembers.
        self._known.pop(server, None)
        now = await self.of(server)
        if "blocked_members" in fields:
            fields["blocked_members"] = await self._unnamed(fields["blocked_members"], now.blocked_members)
        changed = replace(now, **fields)
        # Only what differs from the defaults: a better default of a later version reaches every server.
        decided = {name: value for name, value in to_json(changed).items() if value != _PLAIN[name]}
        await self._put(server, settings=json.dumps(decided))
        self._known[server] = changed
        return changed

    async def blocks(self, server: str, member: str, roles: Iterable[str] = ()) -> bool:
        """Whether a member is blocked, by id or by a role; also after they erased themselves."""
        settings = await self.of(server)
        if member in settings.blocked_members or set(roles) & set(settings.blocked_roles):
            return True
        marked = any(len(one) == MARK_CHARS for one in settings.blocked_members)
        return marked and bool(await self._marks(member) & set(settings.blocked_members))

    async def left(self, server: str, at: float) -> None:
        """Note that the bot is not in the server any more; its data is erased after the grace time."""
        await self._put(server, left_at=at)

    async def came_back(self, server: str) -> None:
        """Note that the bot is in the server again: nothing is to be erased."""
        if await self._column(SERVERS.c.left_at, server):
            await self._put(server, left_at=0.0)

    async def gone_since(self, before: float) -> list[str]:
        """Return servers left before then."""
        gone = sa.select(SERVERS.c.server).where(SERVERS.c.left_at > 0, SERVERS.c.left_at < before)
        async with self.engine.connect() as connection:
            return list(await connection.scalars(gone))

    async def decided(self) -> dict[str, ServerSettings]:
        """Return the settings of all servers that have any."""
        async with self.engine.connect() as connection:
            rows = await connection.execute(sa.select(SERVERS.c.server, SERVERS.c.settings))
            return {row.server: _settings(row.settings) for row in rows}

    def forget_read(self) -> None:
        """Forget what was read: rows were erased."""
        self._known.clear()

    async def _unnamed(self, blocked: Iterable[str], now: Collection[str]) -> tuple[str, ...]:
        """Keep marks of erased members, though a panel that was opened before still sends their id."""
        if not any(len(one) == MARK_CHARS for one in now):
            return tuple(blocked)
        marked = [next(iter(await self._marks(one) & set(now)), one) for one in blocked]
        return tuple(dict.fromkeys(marked))

    async def _marks(self, member: str) -> set[str]:
        async with writing(self.engine) as connection:
            return {digest(salt, ErasedKind.MEMBER, member) for salt in await salts_of(connection)}

    async def _column(self, column: sa.Column[Any], server: str) -> Any:
        async with self.engine.connect() as connection:
            return await connection.scalar(sa.select(column).where(SERVERS.c.server == server))

    async def _put(self, server: str, **row: Any) -> None:
        async with writing(self.engine) as connection:
            changed = await connection.execute(sa.update(SERVERS).where(SERVERS.c.server == server).values(row))
            if not changed.rowcount:
                whole = {"server": server, "settings": "{}", "left_at": 0.0} | row
                await connection.execute(sa.insert(SERVERS).values(whole))


_PLAIN: dict[str, Any] = to_json(_DEFAULTS)


def _settings(text: str | None) -> ServerSettings:
    """Read settings; one that an older or newer version wrote and this one does not know is left out."""
    given = json.loads(text or "{}")
    return from_json(ServerSettings, _PLAIN | {name: value for name, value in given.items() if name in _PLAIN})
