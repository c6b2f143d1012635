"""A call with an ear in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest

from bot.voice.listening import manager
from tests.bot.scene import Scene, on_stage
from tests.bot.voice.listening.listens import Pen
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.running import running


@pytest.fixture
async def client(double: LoopbackDiscord, guild: Neighbourhood) -> AsyncIterator[discord.Client]:
    """A bot that does nothing of itself."""
    bare = discord.Client(intents=discord.Intents.default(), connector=double.connector())
    async with running(double, bare) as ready:
        yield ready


@pytest.fixture
def pen(monkeypatch: pytest.MonkeyPatch) -> Pen:
    """What takes the transcriber's place."""
    pen = Pen()
    monkeypatch.setattr(manager, "by_road", pen.by_road)
    return pen


@pytest.fixture
async def scene(tmp_path: Path, pen: Pen) -> AsyncIterator[Scene]:
    """A little Discord, an executor without models, and the pen."""
    async with on_stage(tmp_path) as one:
        yield one
