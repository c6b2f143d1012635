"""What the ears make of a call."""

from __future__ import annotations

import asyncio

import discord
import numpy as np

from bot.voice.ears.opus import Pcm
from tests.bot.voice.ears.listener import listening
from tests.bot.voice.ears.speech import spoken
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.members.opus import Samples
from tests.discord_double.neighbourhood import Neighbourhood


def likeness(heard: Pcm, said: Samples) -> float:
    """How much of what was said is in what was heard, at the best place: 1 where they are the same."""
    mono = said.mean(axis=1)
    size = 1 << int(np.ceil(np.log2(len(heard) + len(mono))))
    found = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(mono, size)), size)
    at = int(found[: len(heard)].argmax())
    part = heard[at : at + len(mono)].astype(float)
    return float(part @ mono[: len(part)] / (np.linalg.norm(part) * np.linalg.norm(mono) + 1e-9))


async def test_a_consenting_member_is_heard_through_both_encryptions(
    double: LoopbackDiscord, client: discord.Client, guild: Neighbourhood
) -> None:
    ana, rui = guild.member("Ana"), guild.member("Rui")
    await ana.joins(guild.voice)
    await rui.joins(guild.voice)
    async with listening(client, guild, ana, clock=double.clock.now_s) as ear:
        await asyncio.gather(ana.says(spoken()), rui.says(spoken(gender="f")))
        await asyncio.sleep(0.3)
        assert likeness(ear.timeline(ana.id), spoken()) > 0.95
        assert ear.hearing.opened[rui.id] == 0
        assert not ear.placed[rui.id]
        assert ear.hearing.counts["unconsented"] > 100
