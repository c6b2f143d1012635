"""What every test of the double finds."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.running import running
from tests.discord_double.sandbox.demo import DemoBot


@pytest.fixture
async def discord() -> AsyncIterator[LoopbackDiscord]:
    """A Discord with nobody in it."""
    async with LoopbackDiscord() as double:
        yield double


@pytest.fixture
def guild(discord: LoopbackDiscord) -> Neighbourhood:
    """A guild with the bot in it."""
    return discord.guild()


@pytest.fixture
async def bot(discord: LoopbackDiscord, guild: Neighbourhood) -> AsyncIterator[DemoBot]:
    """The demo bot, logged in."""
    async with running(discord, DemoBot(discord.connector())) as demo:
        yield demo
