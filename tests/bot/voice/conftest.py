"""A guild, a voice channel, an idle bot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import discord
import pytest

from bot.voice.call import Call
from bot.voice.player.audio_worker import Blocks
from tests.bot.voice.calling import QUICK
from tests.bot.voice.telling import Evening, evening_of
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.running import running
from tests.pipeline.audio.making import Made, made


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


@pytest.fixture(scope="module")
def long_tale(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A minute."""
    return made(tmp_path_factory.mktemp("stems"), lengths_s=(8.0,) * 8)


@pytest.fixture
def blocks() -> Iterator[Blocks]:
    """The worker."""
    one = Blocks()
    yield one
    one.close()


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Four seconds."""
    return made(tmp_path_factory.mktemp("stems"), lengths_s=(2.0,), tail_s=0.5, vamp_s=2.0)


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A minute, in passages of eight seconds."""
    return made(tmp_path_factory.mktemp("stems"), lengths_s=(8.0,) * 7)


@pytest.fixture
async def evening(client: discord.Client, guild: Neighbourhood, short: Made, tmp_path: Path) -> AsyncIterator[Evening]:
    """A booth that nothing was asked of yet."""
    fresh = evening_of(client, guild, short, tmp_path)
    yield fresh
    await fresh.booths.close()
