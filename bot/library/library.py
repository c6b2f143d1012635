"""The library, opened once."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.library.consents import Consents
from bot.library.database import opened, tidy
from bot.library.erasing import Erasing
from bot.library.keys import Keys
from bot.library.rows import Rows
from bot.library.scenes import Scenes
from bot.library.servers import Servers
from bot.library.tales import Tales
from bot.library.taste import Taste
from bot.library.voices import Voices
from bot.library.worlds import Worlds
from pipeline.seal import Seal


@dataclass(frozen=True)
class Library:
    """All stores of the library."""

    engine: AsyncEngine
    rows: Rows
    tales: Tales
    servers: Servers
    voices: Voices
    consents: Consents
    erasing: Erasing
    worlds: Worlds
    keys: Keys
    scenes: Scenes
    taste: Taste

    async def tidy(self) -> None:
        """Clear erased data from the database's log."""
        await tidy(self.engine, packed=False)


@asynccontextmanager
async def open_library(
    where: str | Path, key: str = "", clock: Callable[[], float] = time.time
) -> AsyncIterator[Library]:
    """Open a folder or file of SQLite, or a Postgres URL; with a key, members' words are encrypted in it.

    Raises Unwell `library_unreadable`, Refused `data_key_invalid`.
    """
    rows = Rows(Seal(key))
    async with opened(where) as engine:
        scenes = Scenes(engine, rows)
        yield Library(
            engine,
            rows,
            Tales(engine, rows, clock),
            Servers(engine),
            Voices(engine, rows),
            Consents(engine, clock),
            Erasing(engine, clock),
            Worlds(engine, rows, clock),
            Keys(engine, clock),
            scenes,
            Taste(engine, scenes, clock),
        )
