"""What every test of the double finds."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from discord import Client, Intents

from tests.discord_double.demo import DemoBot
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
async def client(double: LoopbackDiscord, guild: Neighbourhood) -> AsyncIterator[Client]:
    """A bot that does nothing of itself."""
    async with running(double, Client(intents=Intents.default(), connector=double.connector())) as bare:
        yield bare


@pytest.fixture
async def bot(double: LoopbackDiscord, guild: Neighbourhood) -> AsyncIterator[DemoBot]:
    """The demo bot, logged in."""
    async with running(double, DemoBot(double.connector())) as demo:
        yield demo
