"""A bot, a Discord, an executor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.app import build
from bot.client import TaleBot
from pipeline.places import Places
from tests.bot.troupe import TROUPE
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.running import running
from tests.faults.stage import Stage


@dataclass(frozen=True)
class Scene:
    """All that a member's evening needs."""

    double: LoopbackDiscord
    guild: Neighbourhood
    stage: Stage
    home: Path

    def bot(self, **more: Any) -> TaleBot:
        """A bot, not yet started."""
        return build(self.double.token, connector=self.double.connector(), home=self.home, keep_executor=False, **more)

    def executor(self, **more: Any) -> None:
        """One that tells whole tales without models, in its own process."""
        self.stage.executor(module=TROUPE, **more)

    @asynccontextmanager
    async def running(self, **more: Any) -> AsyncIterator[TaleBot]:
        """The bot, until the block ends."""
        async with running(self.double, self.bot(**more)) as bot:
            yield bot


@asynccontextmanager
async def on_stage(home: Path, database_url: str = "", **executor: Any) -> AsyncIterator[Scene]:
    """With an executor of real steps and no models, in its own process; none where `works` is False."""
    places = Places(home / "cache", home)
    places.state.mkdir(parents=True, exist_ok=True)
    stage = Stage(home, places.road(database_url))
    try:
        works = executor.pop("works", True)
        async with LoopbackDiscord() as double:
            scene = Scene(double, double.guild(), stage, home)
            if works:
                scene.executor(**executor)
            yield scene
    finally:
        stage.close()
