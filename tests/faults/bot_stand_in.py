"""A bot that asks, follows and posts."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from pipeline.road.door import Door, door
from pipeline.words.event import Queued, key_of
from pipeline.words.jsonable import event_to_json
from tests.faults.stage import wish

SCHEMA = "create table if not exists seen (nonce text primary key, said text not null, times integer not null)"


class Channel:
    """What members see: a message whose nonce was used before does not appear again."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with closing(sqlite3.connect(file, timeout=30)) as connection, connection:
            connection.execute(SCHEMA)

    def post(self, nonce: str, said: str) -> None:
        """One message; the same nonce with other words is kept as a change."""
        with closing(sqlite3.connect(self._file, timeout=30)) as connection, connection:
            known = connection.execute("select said from seen where nonce = ?", (nonce,)).fetchone()
            if known is None:
                connection.execute("insert into seen values (?, ?, 1)", (nonce, said))
            elif known[0] != said:
                connection.execute("insert or ignore into seen values (?, ?, 1)", (f"changed:{nonce}", said))

    def messages(self) -> dict[str, str]:
        """Nonce to words."""
        with closing(sqlite3.connect(self._file, timeout=30)) as connection:
            return dict(connection.execute("select nonce, said from seen").fetchall())


async def serve(database_url: str, folder: Path, names: list[str]) -> None:
    """Every tale asked for and followed to its end, however often this process is killed."""
    channel = Channel(folder / "channel.db")
    async with door(database_url) as at, asyncio.TaskGroup() as group:
        for seed, name in enumerate(names):
            await at.ask(wish(name, seed, server=f"server-{seed % 3}"))
            group.create_task(_followed(at, name, channel))


async def _followed(at: Door, name: str, channel: Channel) -> None:
    async for told in at.follow(name):
        if isinstance(told.event, Queued):
            continue  # a place in line is an edit of the card, not a message
        said = json.dumps(event_to_json(told.event), sort_keys=True)
        await asyncio.to_thread(channel.post, f"{name}/{key_of(told.event)}", said)


if __name__ == "__main__":
    words = json.loads(sys.argv[1])
    asyncio.run(serve(words["database_url"], Path(words["folder"]), words["names"]))
