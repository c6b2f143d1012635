"""Calls between a real client and scripted members."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable

import discord
import numpy as np

from tests.discord_double.members import opus
from tests.discord_double.members.person import Person
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.voice.rtp import SILENCE
from tests.double.ear import Ear

NOISE = np.random.default_rng(1).integers(-9000, 9000, (30 * 960, 2), np.int16)
WORDS = opus.Encoder().frames(NOISE)  # thirty frames, none like another
WITHIN_S = 20  # a shared machine is slow at times
QUIET_S = 0.1
EVERY_WORD = list(range(len(WORDS)))


async def connect(client: discord.Client, channel_id: int) -> Ear:
    """The bot joins with its ears open."""
    channel = client.get_channel(channel_id)
    assert isinstance(channel, discord.VoiceChannel | discord.StageChannel)
    return await channel.connect(cls=Ear, timeout=10)


async def call(client: discord.Client, guild: Neighbourhood, *names: str) -> tuple[Ear, list[Person]]:
    """The bot and some members in voice, all with their keys."""
    people = [guild.member(name) for name in names]
    for each in people:
        await each.joins(guild.voice)
    ear = await connect(client, guild.voice.id)
    group = guild.hall.room(guild.voice).group
    assert group is not None
    for each in people:
        await each.locked()
    await settled(lambda: ear._connection.can_encrypt and not group.pending)
    return ear, people


async def settled(look: Callable[[], object]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(WITHIN_S):
        while not look():  # noqa: ASYNC110 - the client tells nobody
            await asyncio.sleep(0.005)


def places(frames: list[bytes]) -> list[int]:
    """Where in WORDS these frames stand; -1 for what nobody said."""
    return [WORDS.index(each) if each in WORDS else -1 for each in frames if each != SILENCE]


def heard_words(ear: Ear, who: Person) -> list[int]:
    return places(ear.frames_of(who.id))


async def hear_all(ear: Ear, who: Person) -> list[int]:
    """What the ear hears of somebody who says WORDS now."""
    ear.heard.clear()
    await who.says_frames(WORDS)
    await quiet(ear)
    return heard_words(ear, who)


async def quiet(ear: Ear) -> None:
    """Wait until nothing more comes to the ear."""
    before = -1
    while before != (now := sum(map(len, ear.heard.values())) + sum(ear.counts.values())):
        before = now
        await asyncio.sleep(QUIET_S)


def play(ear: discord.VoiceClient, seconds: float, frequency_hz: float = 440) -> None:
    ear.play(discord.PCMAudio(io.BytesIO(opus.tone(frequency_hz, seconds).tobytes())))
