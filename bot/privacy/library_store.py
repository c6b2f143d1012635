"""What the library keeps of somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bot.library.database import tidy
from bot.library.erasing import OF_MEMBERS
from bot.library.library import Library
from bot.library.rows import SEALED, SEALED_OF_CHOSEN, SEALED_OF_VOICES
from bot.library.tables import SERVERS
from bot.privacy.store import Thing, Whose, rows_as

_SEALED = {*SEALED, *SEALED_OF_VOICES, *SEALED_OF_CHOSEN}


@dataclass(frozen=True)
class Shelves:
    """Rows of the library."""

    library: Library
    name: str = "library"
    holds: tuple[str, ...] = (
        *("library:tales", "library:hearts", "library:servers", "library:voices", "library:chosen_voices"),
        *("library:usual_voices", "library:consents", "home:library.db*"),
    )

    async def found(self, whose: Whose) -> list[Thing]:
        """Every table with a column for the member, and settings that name them."""
        if not whose.member:
            return []
        things: list[Thing] = []
        async with self.library.engine.connect() as connection:
            for table in OF_MEMBERS:
                rows = await connection.execute(sa.select(table).where(table.c.member == whose.member))
                things += rows_as(f"library/{table.name}.json", [self._opened(row) for row in rows.mappings()])
            naming = sa.select(SERVERS.c.server).where(SERVERS.c.settings.contains(whose.member))
            named = [{"blocked_in": row.server} for row in await connection.execute(naming)]
        return things + rows_as("library/servers.json", named)

    async def erase(self, whose: Whose) -> None:
        """By member, server, tale or voice; then the file is tidied."""
        erasing = self.library.erasing
        if whose.member:
            await erasing.member(whose.member)
        elif whose.server:
            await erasing.server(whose.server)
        else:
            await erasing.tales(whose.jobs, whose.voice)
        self.library.servers.forget_read()
        await tidy(self.library.engine, packed=whose.thorough)

    def _opened(self, row: sa.RowMapping) -> dict[str, Any]:
        seal = self.library.rows.seal
        plain = {
            name: seal.open_bytes(value).hex() if isinstance(value, bytes) else value for name, value in row.items()
        }
        return {name: seal.open(plain[name]) if name in _SEALED else plain[name] for name in plain}
