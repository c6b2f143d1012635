"""Speaking members and the ears that hear."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord

from bot.voice.discord_inside import SESSION, SPEAKING, OpenVoice
from bot.voice.receive.hearing import Hearing
from bot.voice.receive.speech import Attention, MemberUtterance, Silero, Utterances
from pipeline.words.sound import RATE_HZ
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.members.opus import Samples
from tests.discord_double.running import running
from tests.discord_double.voice.weather import FAIR, Weather

TICK_S, SETTLES_S = 0.1, 1.5


@dataclass
class Caught:
    """What came over the wire, with its hour, to be worked through later."""

    voice: OpenVoice
    clock: Callable[[], float]
    consenting: frozenset[int]
    came: list[tuple[float, bytes | tuple[int, dict[str, Any]]]] = field(default_factory=list)
    now_s: float = 0.0

    def packet(self, datagram: bytes) -> None:
        self.came.append((self.clock(), datagram))

    def told(self, opcode: int, message: dict[str, Any]) -> None:
        self.came.append((self.clock(), (opcode, message)))

    def work(self, silero: Silero) -> tuple[list[MemberUtterance], Hearing]:
        """As the bot does, a tenth of a second at a time, as fast as it goes."""
        self.now_s = self.came[0][0] if self.came else 0.0
        hearing = Hearing(self.voice, lambda: self.now_s)
        hearing.hears(self.consenting)
        speakers = {one: Utterances(one, Attention(silero)) for one in self.consenting}
        done: list[MemberUtterance] = []
        next_s = self.now_s + TICK_S
        for at_s, one in self.came:
            while at_s > next_s:
                self.now_s, next_s = next_s, next_s + TICK_S
                done += _taken(hearing.work(), speakers)
                for speaker in speakers.values():
                    done += speaker.look(round((self.now_s - hearing.began_s) * RATE_HZ))
            self.now_s = at_s
            if isinstance(one, bytes):
                hearing.packet(one)
            else:
                hearing.told(*one)
        self.now_s += 1.0
        done += _taken(hearing.finish(), speakers)
        for speaker in speakers.values():
            done += speaker.close()
        return done, hearing

    @property
    def seconds(self) -> float:
        """From the first to the last packet."""
        return self.came[-1][0] - self.came[0][0] if self.came else 0.0


def _taken(sounds: list[Any], speakers: dict[int, Utterances]) -> list[MemberUtterance]:
    return [one for member, placed in sounds if member in speakers for one in speakers[member].take(placed)]


async def in_a_call(
    sounds: Sequence[Samples],
    weather: Weather = FAIR,
    refusing: int = 0,
    use: Callable[[Caught, list[int]], Any] | None = None,
) -> Any:
    """As many members as sounds speak at once, the last `refusing` of them without consent; `use` works on it."""
    async with LoopbackDiscord() as double:
        guild = double.guild()
        people = [guild.member(f"Member {number}") for number in range(len(sounds))]
        for each in people:
            await each.joins(guild.voice)
        bare = discord.Client(intents=discord.Intents.default(), connector=double.connector())
        async with running(double, bare) as client:
            channel = client.get_channel(guild.voice.id)
            assert isinstance(channel, discord.VoiceChannel)
            voice = await channel.connect(cls=OpenVoice)
            while not voice.keyed:  # noqa: ASYNC110 - the client tells nobody
                await asyncio.sleep(TICK_S)
            ids = [each.id for each in people]
            caught = Caught(voice, double.clock.now_s, frozenset(ids[: len(ids) - refusing]))
            caught.told(SESSION, {"secret_key": list(voice.key() or b"")})
            for ssrc, member in voice.speakers().items():
                caught.told(SPEAKING, {"ssrc": ssrc, "user_id": member})
            voice.hear(caught.packet, caught.told)
            await asyncio.gather(*(who.says(sound, weather) for who, sound in zip(people, sounds, strict=True)))
            await asyncio.sleep(SETTLES_S)
            made = await asyncio.to_thread(use or _nothing, caught, ids)
            await voice.disconnect()
            return made


def _nothing(*_: object) -> None:
    """Nobody wants it."""


def by_member(utterances: Sequence[MemberUtterance]) -> dict[int, list[MemberUtterance]]:
    """In order of time."""
    told: defaultdict[int, list[MemberUtterance]] = defaultdict(list)
    for one in sorted(utterances, key=lambda each: each.start_s):
        told[one.member].append(one)
    return told
