"""Silence, sent to keep the path open."""

from __future__ import annotations

import asyncio

import discord

from bot.voice.call import Call
from bot.voice.receive.packet import SILENCE

EVERY_S = 5.0
_FRAMES = 5


async def keep_open(call: Call) -> None:
    """Until cancelled: routers forget a path on which nothing leaves, and then nothing comes."""
    while True:
        if call.voice is not None and not call.voice.is_playing():
            call.play(_Quiet())
        await asyncio.sleep(EVERY_S)


class _Quiet(discord.AudioSource):
    """A tenth of a second of nothing."""

    def __init__(self) -> None:
        self._left = _FRAMES

    def read(self) -> bytes:
        self._left -= 1
        return SILENCE if self._left >= 0 else b""

    def is_opus(self) -> bool:
        return True
