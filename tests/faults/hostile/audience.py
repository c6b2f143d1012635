"""Servers that listen to a tale meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bot.client import TaleBot
from bot.voice.player.queue_item import LiveTale
from bot.voice.player.status import Doing
from tests.bot.scene import Scene
from tests.bot.voice.telling import Card
from tests.discord_double.neighbourhood import Neighbourhood
from tests.pipeline.audio.making import Made, made

LOOK_S = 0.1
SILENT_LOOKS, BEGUN_LOOKS = 50, 600
"""So many looks without a packet are silence; looks, for while the loop stands still nobody counts packets either."""
PASSAGES_S = (4.0,) * 2


@dataclass
class Audience:
    """Somebody sits in each server's call; a tale is played there again and again, and every packet is counted."""

    scene: Scene
    bot: TaleBot
    folder: Path
    silent: set[str] = field(default_factory=set)
    """Servers that heard nothing while a tale was to be heard."""
    plays: int = 0
    underruns: int = 0

    @asynccontextmanager
    async def listening(self, *names: str) -> AsyncIterator[None]:
        """For the block, in new servers of these names."""
        tale = made(self.folder, lengths_s=PASSAGES_S)
        tasks = []
        for name in names:
            guild = self.scene.double.guild(name)
            await guild.member(f"Listener of {name}").joins(guild.voice)
            tasks.append(asyncio.create_task(self._listens(guild, name, tale), name=name))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            broke = [
                name for name, how in zip(names, ended, strict=True) if not isinstance(how, asyncio.CancelledError)
            ]
            self.silent.update(broke)

    async def _listens(self, guild: Neighbourhood, name: str, tale: Made) -> None:
        booth = self.bot.services.booths.of(guild.id)
        for nth in count():
            tale_id = f"{name} {nth}"
            booth.line_up(LiveTale(tale_id, name, guild.owner.id, guild.voice.id, tale.path_of, Card()))
            for event in tale.events:
                booth.hear(tale_id, event)
            await self._heard_out(guild, name)
            self.plays += 1

    async def _heard_out(self, guild: Neighbourhood, name: str) -> None:
        """One tale, to its end; it must begin, and must not stop before."""
        booth, dry, sent = self.bot.services.booths.of(guild.id), 0, 0
        left = BEGUN_LOOKS
        while booth.turn is not None:
            mouth = booth.turn.mouth
            dry = mouth.underruns if mouth else dry
            packets = self._packets(guild) if booth.now.doing is Doing.TELLING else sent
            left = SILENT_LOOKS if packets != sent else left - 1
            sent = packets
            if left <= 0:
                self.silent.add(name)
            await asyncio.sleep(LOOK_S)
        self.underruns += dry
        if not sent:
            self.silent.add(name)

    def _packets(self, guild: Neighbourhood) -> int:
        seat = guild.hall.seat_of(guild.me(self.scene.double.bot))
        return seat.received if seat is not None else 0
