"""A guild, a voice channel, an idle bot."""

from __future__ import annotations

from collections.abc import AsyncIterator

import discord
import pytest

from bot.voice.call import Call
from tests.bot.voice.calling import QUICK
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
    """A bot with the intents of ours."""
    intents = discord.Intents(guilds=True, voice_states=True)
    async with running(double, discord.Client(intents=intents, connector=double.connector())) as ready:
        yield ready


@pytest.fixture
async def call(client: discord.Client) -> AsyncIterator[Call]:
    """A call that nobody has entered, with little patience."""
    fresh = Call(client, QUICK)
    yield fresh
    await fresh.release("test")
