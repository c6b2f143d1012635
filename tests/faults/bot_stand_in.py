"""A bot that asks, follows and posts."""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from pipeline.road.door import Door, door
from pipeline.words.event import Queued, key_of
from pipeline.words.jsonable import event_to_json
from tests.faults.stage import wish

IN_FLIGHT = 6
"""Tales that members wait for at a time, so that no kill meets an idle road."""
_SCHEMA = (
    "create table if not exists seen (nonce text primary key, said text not null)",
    "create table if not exists begun (number integer primary key)",
)


class Channel:
    """What members see: a message whose nonce was used before does not appear again."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with self._opened() as connection:
            for table in _SCHEMA:
                connection.execute(table)

    def begin(self, number: int) -> None:
        """A member wished this tale; a bot that comes back knows it."""
        with self._opened() as connection:
            connection.execute("insert or ignore into begun values (?)", (number,))

    def begun(self) -> int:
        """How many were."""
        with self._opened() as connection:
            return int(connection.execute("select count(*) from begun").fetchone()[0])

    def post(self, nonce: str, said: str) -> None:
        """One message; the same nonce with other words is kept as a change."""
        with self._opened() as connection:
            known = connection.execute("select said from seen where nonce = ?", (nonce,)).fetchone()
            if known is None:
                connection.execute("insert into seen values (?, ?)", (nonce, said))
            elif known[0] != said:
                connection.execute("insert or ignore into seen values (?, ?)", (f"changed:{nonce}", said))

    def messages(self) -> dict[str, str]:
        """Nonce to words."""
        with self._opened() as connection:
            return dict(connection.execute("select nonce, said from seen").fetchall())

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._file, timeout=30)) as connection, connection:
            yield connection


def name_of(number: int) -> str:
    """Of one tale of the stream."""
    return f"tale-{number}"


def enough(folder: Path) -> Path:
    """Where this file lies no further tale is begun."""
    return folder / "enough"


async def serve(database_url: str, folder: Path) -> None:
    """Tale after tale, each asked for and followed to its end, however often this process is killed."""
    channel = Channel(folder / "channel.db")
    ended = {nonce.split("/")[0] for nonce in channel.messages() if nonce.endswith("/done")}
    free = asyncio.Semaphore(IN_FLIGHT)
    async with door(database_url) as at, asyncio.TaskGroup() as group:
        for number in itertools.count():
            if name_of(number) in ended:
                continue
            await free.acquire()
            if number >= channel.begun():
                if enough(folder).exists():
                    return
                channel.begin(number)
            await at.ask(wish(name_of(number), number, server=f"server-{number % 3}"))
            group.create_task(_followed(at, name_of(number), channel, free))


async def _followed(at: Door, name: str, channel: Channel, free: asyncio.Semaphore) -> None:
    async for told in at.follow(name):
        if isinstance(told.event, Queued):
            continue  # a place in line is an edit of the card, not a message
        said = json.dumps(event_to_json(told.event), sort_keys=True)
        await asyncio.to_thread(channel.post, f"{name}/{key_of(told.event)}", said)
    free.release()


if __name__ == "__main__":
    words = json.loads(sys.argv[1])
    asyncio.run(serve(words["database_url"], Path(words["folder"])))
