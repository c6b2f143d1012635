"""Calls with somebody at the other end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bot.voice.call import Call
from bot.voice.join import Patience
from bot.voice.player.audio_worker import Blocks
from bot.voice.player.tale_source import Mouth
from pipeline.words.sound import RATE_HZ, Samples
from tests.discord_double.members.heard import Heard
from tests.discord_double.members.person import Person
from tests.discord_double.neighbourhood import Neighbourhood
from tests.pipeline.audio.making import Made

QUICK = Patience(join_s=3.0, keys_s=3.0, floor_s=1.0, faulty_s=0.6, mend_s=12.0, silenced_s=1.5, look_s=0.02)
WITHIN_S = 40.0
"""A shared machine stands still at times."""


async def settled(look: Callable[[], object], within_s: float = WITHIN_S) -> None:
    """Wait until it is so."""
    until_s = time.monotonic() + within_s
    while not look():
        assert time.monotonic() < until_s, "it never came true"
        await asyncio.sleep(0.01)


async def sounds_for(who: Person, seconds: float) -> None:
    """Wait until they heard so much more than silence from now on."""
    already_s = who.heard().speech_s
    await settled(lambda: who.heard().speech_s > already_s + seconds)


@dataclass(frozen=True)
class Match:
    """How one sound lies in another."""

    at_s: float
    likeness: float
    """1 for the same sound at any level."""


def found_in(heard: Samples, told: Samples) -> Match:
    """Where what was told lies in what was heard, by correlation; both stereo."""
    whole, piece = heard.mean(axis=1), told.mean(axis=1)
    size = 1 << (len(whole) + len(piece)).bit_length()
    cross = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(piece, size)), size)[: len(whole)]
    at = int(np.argmax(cross))
    there = whole[at : at + len(piece)]
    scale = np.linalg.norm(there) * np.linalg.norm(piece[: len(there)])
    return Match(at / RATE_HZ, float(there @ piece[: len(there)] / max(scale, 1e-9)))


def mouth_of(tale: Made, blocks: Blocks) -> Mouth:
    """The whole tale, ready to be told."""
    mouth = Mouth(tale.path_of, blocks)
    blocks.add(mouth)
    mouth.grow(tale.timeline)
    return mouth


async def told_to_ana(guild: Neighbourhood, call: Call, mouth: Mouth) -> tuple[Person, Mouth]:
    """She sits in the call, and the tale has begun."""
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    await call.enter(guild.voice.id, "test")
    call.play(mouth)
    await settled(lambda: mouth.at > 0)
    return ana, mouth


async def hears_something(call: Call, mouth: Mouth, who: Person) -> Heard:
    """A second of it, once its keys are there."""
    await who.locked()

    async def playing() -> None:
        while True:
            call.play(mouth)
            await asyncio.sleep(0.05)

    tending = asyncio.create_task(playing())
    try:
        return await who.hears(1.5)
    finally:
        tending.cancel()
