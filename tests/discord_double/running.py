"""Runs a discord.py bot against the double."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TypeVar

import discord

from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.people import Application

WITHIN_S = 120.0
A_MOMENT_S = 0.005
Bot = TypeVar("Bot", bound=discord.Client)


@contextlib.asynccontextmanager
async def running(double: LoopbackDiscord, bot: Bot, account: Application | None = None) -> AsyncIterator[Bot]:
    """The bot, logged in, its commands synced as far as its setup does so, its guilds known; closed behind us."""
    account = account or double.bot
    task = asyncio.create_task(bot.start(account.token), name="bot")
    try:
        async with asyncio.timeout(WITHIN_S):
            # Not `wait_until_ready`: discord.py waits two seconds more there, lest further guilds stream in.
            while not task.done() and not _knows_its_guilds(double, bot, account):  # noqa: ASYNC110 - the client tells nobody
                await asyncio.sleep(A_MOMENT_S)
        if task.done():
            await task
        yield bot
    finally:
        await bot.close()
        await asyncio.gather(task, return_exceptions=True)


def _knows_its_guilds(double: LoopbackDiscord, bot: discord.Client, account: Application) -> bool:
    guilds = double.world.guilds.values()
    expected = {each.id for each in guilds if account.id in each.members and each.available}
    return bool(double.sessions(account)) and expected <= {each.id for each in bot.guilds}
