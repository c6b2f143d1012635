"""Runs a bot against the double."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TypeVar

import discord

from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.sandbox.demo import DemoBot

WITHIN_S = 10.0
Bot = TypeVar("Bot", bound=discord.Client)


@contextlib.asynccontextmanager
async def running(double: LoopbackDiscord, bot: Bot, token: str | None = None) -> AsyncIterator[Bot]:
    """The bot, logged in and ready; closed behind us."""
    task = asyncio.create_task(bot.start(token or double.token), name="bot")
    ready = asyncio.create_task(bot.wait_until_ready(), name="ready")
    try:
        await asyncio.wait({task, ready}, timeout=WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        assert ready.done(), "the bot is not ready"
        yield bot
    finally:
        ready.cancel()
        await bot.close()
        await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def demo(double: LoopbackDiscord) -> AsyncIterator[DemoBot]:
    async with running(double, DemoBot(double.connector())) as bot:
        yield bot
