"""A call with an ear in it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import discord
import pytest

from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.running import running


@pytest.fixture
async def double() -> AsyncIterator[LoopbackDiscord]:
    """A Discord with nobody in it."""
    async with LoopbackDiscord() as fresh:
        yield fresh


@pytest.fixture
def guild(double: LoopbackDiscord) -> Neighbourhood:
    """A guild with the bot in it."""
    return double.guild()


@pytest.fixture
async def client(double: LoopbackDiscord, guild: Neighbourhood) -> AsyncIterator[discord.Client]:
    """A bot that does nothing of itself."""
    bare = discord.Client(intents=discord.Intents.default(), connector=double.connector())
    async with running(double, bare) as ready:
        yield ready
