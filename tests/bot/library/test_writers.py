"""SQLite knows one writer at a time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import sqlalchemy as sa

from bot.library.library import open_library
from bot.library.tables import NOTED

WRITERS = 40
READ_WITHIN_S = 10.0
"""Less than a reader waits for a connection before it gives up."""


async def test_who_waits_to_write_keeps_nobody_from_reading_and_comes_in_line(tmp_path: Path) -> None:
    order: list[int] = []
    async with open_library(tmp_path) as library:

        async def leaves(number: int) -> None:
            await library.servers.left(str(number), float(number + 1))
            order.append(number)

        async with library.engine.begin() as busy:  # somebody who changes something, for long
            await busy.execute(sa.insert(NOTED).values(name="busy", value="long"))
            leaving = [asyncio.create_task(leaves(number)) for number in range(WRITERS)]
            async with asyncio.timeout(READ_WITHIN_S):
                await asyncio.sleep(0)  # each of them asked for the library before the one who reads
                assert await library.tales.every() == []
            assert not order
        await asyncio.gather(*leaving)
        assert order == list(range(WRITERS))
        assert len(await library.servers.gone_since(WRITERS + 1.0)) == WRITERS
