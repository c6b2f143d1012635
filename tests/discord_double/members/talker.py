"""A person in a voice channel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.discord_double.house import House
from tests.discord_double.members.asking import NotOffered
from tests.discord_double.members.heard import Heard
from tests.discord_double.members.lock import DaveyLock, Lock, NoLock
from tests.discord_double.members.opus import Encoder, Samples, read_sound
from tests.discord_double.members.voice import Voice
from tests.discord_double.people import Channel, Guild, Membership, User
from tests.discord_double.permissions import May
from tests.discord_double.voice.rtp import SILENCE
from tests.discord_double.voice.weather import FAIR, Weather

LOCKED_WITHIN_S = 10.0
A_FRAME_OR_TWO_S = 0.06


class Talker:
    """Joins voice, speaks, listens; end-to-end encrypted with a lock of one's choice."""

    def __init__(self, house: House, guild: Guild, user: User, new_lock: Callable[[], Lock] = DaveyLock) -> None:
        self._house, self._guild, self.user = house, guild, user
        self.new_lock = new_lock
        self.voice: Voice | None = None

    async def joins(self, channel: Channel) -> Voice:
        """Enter a voice or stage channel, leaving the one before."""
        house = self._house
        if not house.world.may(self.user.id, channel) & May.CONNECT:
            raise NotOffered(f"{self.user.name} cannot enter {channel.name}")
        await self.leaves()
        room = house.hall.enter(self._guild, self._membership, channel)
        lock = self.new_lock() if room.group is not None else NoLock()
        self.voice = Voice(self.user.id, room, house.world.clock, lock, house.world.bell.ring)
        self.voice.enter()
        house.hall.tell(self._guild, self._membership)
        return self.voice

    async def leaves(self) -> None:
        voice, self.voice = self.voice, None
        if voice is not None:
            await voice.leave()
            self._house.hall.leave(self._guild, self._membership)

    async def says(self, sound: Samples | Path, weather: Weather = FAIR, announced_after: int = 0) -> list[bytes]:
        """Speak samples (48 kHz, stereo, 16 bit) or a sound file, in real time by the double's clock."""
        samples = read_sound(sound) if isinstance(sound, Path) else sound
        frames = await asyncio.to_thread(Encoder().frames, samples)
        await self.says_frames(frames, weather, announced_after)
        return frames

    async def says_frames(self, frames: list[bytes], weather: Weather = FAIR, announced_after: int = 0) -> None:
        """Speak ready Opus frames; with others in the call, once there is a key to speak under."""
        voice = self._in_voice
        if len(voice.room.participants) > 1 and voice.room.group is not None:
            await self.locked()
        await voice.say(frames, weather, announced_after)

    async def locked(self) -> None:
        """Wait for the keys of the call."""
        voice = self._in_voice
        bell = self._house.world.bell
        await bell.until(lambda: voice.keyed, within_s=LOCKED_WITHIN_S, why=f"{self.user.name} has no key")

    async def hears(self, seconds: float) -> Heard:
        """Listen for so many seconds of the double's clock, from now."""
        clock = self._house.world.clock
        began_s = clock.now_s()
        await clock.sleep_until(began_s + seconds)
        return self.heard(began_s, began_s + seconds)

    async def hears_out(self, *, quiet_s: float = 0.5, within_s: float = 30.0) -> Heard:
        """Listen until something is said and then nothing for a while; `within_s` real seconds for the beginning."""
        clock, voice = self._house.world.clock, self._in_voice
        began_s, already = clock.now_s(), len(voice.heard)

        def begun() -> bool:
            return any(each.opus != SILENCE for each in voice.heard[already:])

        await self._house.world.bell.until(begun, within_s=within_s, why=f"{self.user.name} hears nothing")
        while clock.now_s() - voice.heard[-1].at_s < quiet_s:
            await clock.sleep_until(voice.heard[-1].at_s + quiet_s + A_FRAME_OR_TWO_S)
        return self.heard(began_s, clock.now_s())

    def heard(self, since_s: float = 0.0, until_s: float = float("inf")) -> Heard:
        """What came to this person's ears in this call, between two hours of the double's clock."""
        frames = tuple(each for each in self._in_voice.heard if since_s <= each.at_s < until_s)
        if frames and not since_s:
            since_s, until_s = frames[0].at_s, frames[-1].at_s + 0.02
        return Heard(since_s, until_s, frames)

    async def films(self, seconds: float) -> None:
        """Turn a camera on for a while."""
        member = self._membership
        if member.voice is not None:
            member.voice.self_video = True
            self._house.hall.tell(self._guild, member)
        await self._in_voice.film(seconds)

    @property
    def _in_voice(self) -> Voice:
        assert self.voice is not None, f"{self.user.name} is not in voice"
        return self.voice

    @property
    def _membership(self) -> Membership:
        return self._guild.members[self.user.id]
