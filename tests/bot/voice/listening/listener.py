"""A call listened to, for tests."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable

import discord
import numpy as np

from bot.voice.discord_inside import OpenVoice
from bot.voice.receive.align import AlignedSound
from bot.voice.receive.hearing import Hearing
from bot.voice.receive.opus import Pcm
from tests.discord_double.members.person import Person
from tests.discord_double.neighbourhood import Neighbourhood

LOOKS_EVERY_S = 0.04


class Listener:
    """Works every moment as the bot does, and keeps what came out."""

    def __init__(self, voice: OpenVoice, clock: Callable[[], float]) -> None:
        self.voice = voice
        self.hearing = Hearing(voice, clock)
        self.opened_by_then = 0
        self.placed: defaultdict[int, list[AlignedSound]] = defaultdict(list)

    async def work(self) -> None:
        """Until cancelled."""
        while True:
            self.gather()
            await asyncio.sleep(LOOKS_EVERY_S)

    def gather(self) -> None:
        for member, placed in self.hearing.work():
            self.placed[member].append(placed)

    def timeline(self, member: int) -> Pcm:
        """All that was heard of somebody, in its place."""
        pieces = self.placed[member]
        whole = np.zeros(max((one.end for one in pieces), default=0), np.int16)
        for one in pieces:
            whole[one.start : one.end] = one.pcm
        return whole


@contextlib.asynccontextmanager
async def listening(
    client: discord.Client, guild: Neighbourhood, *consenting: Person, clock: Callable[[], float]
) -> AsyncIterator[Listener]:
    """The bot in the guild's voice channel, with its ears open to some."""
    channel = client.get_channel(guild.voice.id)
    assert isinstance(channel, discord.VoiceChannel)
    voice = await channel.connect(cls=OpenVoice)
    listener = Listener(voice, clock)
    listener.hearing.hears(frozenset(one.id for one in consenting))
    voice.hear(listener.hearing.packet, listener.hearing.told)
    work = asyncio.create_task(listener.work())
    try:
        yield listener
    finally:
        work.cancel()
        voice.unhear(listener.hearing.packet, listener.hearing.told)
        await voice.disconnect()
