"""The loopback Discord, measured."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Coroutine
from typing import Any

import discord
import numpy as np

from tests.bench._machine import reference, reference_lines
from tests.discord_double.clock import Clock
from tests.discord_double.demo import DemoBot
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.members import opus
from tests.discord_double.members.person import Person
from tests.discord_double.members.voice import CATCHES_UP_S
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.running import running
from tests.discord_double.voice.rtp import FRAME_S, SILENCE
from tests.double.ear import Ear

GUILDS, MEMBERS_EACH = 100, 5
AT_ONCE = 50  # tales in flight: bot, server and members share one thread, and three seconds are soon over
PACE = 28.0  # times real time; the promise is 20
SETTLES_S = 1.0
PHRASE = 50  # different frames, said over and over
Figures = dict[str, float]


def main(argv: list[str]) -> int:
    """Print the figures; 0 always, for a figure is no test."""
    wanted = _read(argv)
    figures = asyncio.run(_bot_test()) | asyncio.run(_crowd()) | asyncio.run(_speech(wanted.hours))
    if wanted.json:
        print(json.dumps(figures | reference()))
        return 0
    for name, figure in figures.items():
        print(f"{name:<20}{figure:>12,.2f}")
    print(reference_lines())
    return 0


async def _bot_test() -> Figures:
    """Start, sync, /tale, card, file, voice: a whole test of a bot."""
    began_s = time.perf_counter()
    async with LoopbackDiscord() as double:
        guild = double.guild()
        ana = guild.member("Ana")
        await ana.joins(guild.voice)
        async with running(double, DemoBot(double.connector())):
            told = await ana.tale("a lighthouse keeper")
            await told.shown.until(lambda seen: seen.files)
            await ana.slash("play")
            await ana.sees("Playing.")
            await double.world.bell.until(lambda: ana.heard().speakers, within_s=10, why="the bot plays")
            await ana.slash("leave")
    return {"bot_test_s": round(time.perf_counter() - began_s, 3)}


async def _crowd() -> Figures:
    """Members of many guilds type /tale; how many got theirs, and in what time."""
    async with LoopbackDiscord() as double:
        people = [each for number in range(GUILDS) for each in _people(double.guild(f"Guild {number}"))]
        async with running(double, DemoBot(double.connector())):
            began_s = time.perf_counter()
            door = asyncio.Semaphore(AT_ONCE)
            done = await asyncio.gather(*(_tale(each, door) for each in people))
            took_s = time.perf_counter() - began_s
    return {"members": sum(done), "guilds": GUILDS, "members_s": round(took_s, 2)}


def _people(guild: Neighbourhood) -> list[Person]:
    return [guild.member(f"Member {number}") for number in range(MEMBERS_EACH)]


async def _tale(who: Person, door: asyncio.Semaphore) -> bool:
    async with door:
        told = await who.tale(who.user.name)
        shown = await told.shown.until(lambda seen: seen.files, within_s=60)
    return f"Once upon a time there was {who.user.name}." in shown.text


async def _speech(hours: float) -> Figures:
    """Speech both ways at once, far faster than it is spoken, every frame looked at."""
    noise = np.random.default_rng(5).integers(-9000, 9000, (PHRASE * 960, 2), np.int16)
    phrase = opus.Encoder().frames(noise)
    frames = phrase * round(hours * 3600 / FRAME_S / PHRASE)
    async with LoopbackDiscord(Clock()) as double:
        guild = double.guild()
        ana = guild.member("Ana")
        await ana.joins(guild.voice)
        bare = discord.Client(intents=discord.Intents.default(), connector=double.connector())
        async with running(double, bare) as client:
            channel = client.get_channel(guild.voice.id)
            assert isinstance(channel, discord.VoiceChannel)
            ear = await channel.connect(cls=Ear)
            await ana.locked()
            await asyncio.sleep(SETTLES_S)
            double.clock.rate_to(PACE)
            took_s = max(
                await asyncio.gather(_timed(ana.says_frames(frames)), _timed(_send(ear, frames, double.clock)))
            )
            await asyncio.sleep(SETTLES_S)
            to_bot = [each.payload for each in ear.heard[ana.id] if each.payload != SILENCE]
            to_ana = [each.opus for each in ana.heard().of(double.bot.id).frames if each.opus != SILENCE]
            await ear.disconnect()
    wrong = _wrong(to_bot, frames) + _wrong(to_ana, frames)
    spoken_s = len(frames) * FRAME_S
    return {"speech_h": round(spoken_s / 3600, 3), "speech_speed": round(spoken_s / took_s, 1), "wrong_frames": wrong}


async def _send(ear: Ear, frames: list[bytes], clock: Clock) -> None:
    """What discord.py's player does, by the double's clock."""
    await ear.ws.speak()
    due_s = clock.now_s()
    for frame in frames:
        ear.send_audio_packet(frame, encode=False)
        due_s = max(due_s + FRAME_S, clock.now_s() - CATCHES_UP_S)
        await clock.sleep_until(due_s)


async def _timed(work: Coroutine[Any, Any, None]) -> float:
    began_s = time.perf_counter()
    await work
    return time.perf_counter() - began_s


def _wrong(heard: list[bytes], said: list[bytes]) -> int:
    """Frames lost, altered, doubled or out of their place."""
    if len(heard) == len(said):
        return sum(one != other for one, other in zip(heard, said, strict=True))
    return abs(len(said) - len(heard)) or len(said)


def _read(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("echotales.py bench double", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one flat object")
    parser.add_argument("--hours", type=float, default=1.0, help="of speech (%(default)s)")
    return parser.parse_args(argv)
