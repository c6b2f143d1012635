"""End-to-end encryption, held against Discord's own libdave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import discord
import numpy as np
import pytest

from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.members import opus
from tests.discord_double.members.lock import DaveyLock, Lock
from tests.discord_double.members.person import Person
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.running import running
from tests.discord_double.voice.group import Group
from tests.discord_double.voice.mls_wire import NotMls, Reader, read_key_package, vector
from tests.discord_double.voice.rtp import SILENCE
from tests.double.ear import Ear

libdave = pytest.importorskip("tests.discord_double.members.libdave", reason="dave.py is not installed")
LibdaveLock: Callable[[], Lock] = libdave.LibdaveLock
WORDS = opus.Encoder().frames(np.random.default_rng(2).integers(-9000, 9000, (20 * 960, 2), np.int16))


EVERY_WORD = list(range(len(WORDS)))


def places(frames: list[bytes]) -> list[int]:
    """Where in WORDS these frames stand; -1 for what nobody said."""
    return [WORDS.index(each) if each in WORDS else -1 for each in frames if each != SILENCE]


def heard_by(listener: Person, speaker: Person) -> list[int]:
    return places([each.opus for each in listener.heard().of(speaker.id).frames])


async def in_voice(guild: Neighbourhood, locks: dict[str, Callable[[], Lock]]) -> list[Person]:
    people = []
    for name, lock in locks.items():
        person = guild.member(name)
        person.new_lock = lock
        await person.joins(guild.voice)
        people.append(person)
    for person in people:
        await person.locked()
    return people


@pytest.mark.parametrize("first", [LibdaveLock, DaveyLock])
@pytest.mark.parametrize("second", [LibdaveLock, DaveyLock])
@pytest.mark.parametrize("third", [LibdaveLock, DaveyLock])
async def test_any_mixture_of_libraries_understands_itself(
    double: LoopbackDiscord, guild: Neighbourhood, first: Any, second: Any, third: Any
) -> None:
    double.clock.rate_to(10)
    people = await in_voice(guild, {"Ana": first, "Rui": second, "Eva": third})
    await asyncio.gather(*(each.says_frames(WORDS) for each in people))
    for listener in people:
        for speaker in people:
            if speaker is not listener:
                assert heard_by(listener, speaker) == EVERY_WORD
    assert not any(each.voice.unopened for each in people if each.voice)


async def test_members_of_libdave_live_through_joins_leaves_and_new_groups(
    double: LoopbackDiscord, guild: Neighbourhood
) -> None:
    double.clock.rate_to(10)
    ana, rui = await in_voice(guild, {"Ana": LibdaveLock, "Rui": LibdaveLock})
    eva = guild.member("Eva")
    await eva.joins(guild.voice)
    await eva.locked()
    await rui.leaves()
    await eva.says_frames(WORDS)
    assert heard_by(ana, eva) == EVERY_WORD
    group = guild.hall.room(guild.voice).group
    assert group is not None
    epoch = group.sender.epoch
    group.restart()

    def renewed() -> bool:
        return bool(group.sender.members) and not group.pending

    await double.world.bell.until(renewed, within_s=5, why=f"a new group after epoch {epoch}")
    await ana.says_frames(WORDS)
    assert heard_by(eva, ana) == EVERY_WORD


async def test_a_bot_hears_and_is_heard_by_libdave(double: LoopbackDiscord, guild: Neighbourhood) -> None:
    bare = discord.Client(intents=discord.Intents.default(), connector=double.connector())
    async with running(double, bare) as client:
        ana, rui = await in_voice(guild, {"Ana": LibdaveLock, "Rui": DaveyLock})
        channel = client.get_channel(guild.voice.id)
        assert isinstance(channel, discord.VoiceChannel)
        ear = await channel.connect(cls=Ear)
        room = guild.hall.room(guild.voice)
        assert room.group is not None
        group: Group = room.group
        await double.world.bell.until(
            lambda: len(group.sender.members) == 3 and not group.pending, within_s=5, why="keys"
        )
        ear.play(Frames(WORDS))
        await asyncio.gather(ana.says_frames(WORDS), rui.says_frames(WORDS))
        await asyncio.sleep(0.3)
        for each in (ana, rui):
            assert places(ear.frames_of(each.id)) == EVERY_WORD
            bots = each.heard().of(double.bot.id).frames
            assert places([frame.opus for frame in bots]) == EVERY_WORD
        await ear.disconnect()


class Frames(discord.AudioSource):
    """Ready Opus frames, for play()."""

    def __init__(self, frames: list[bytes]) -> None:
        self._frames = list(frames)

    def read(self) -> bytes:
        return self._frames.pop(0) if self._frames else b""

    def is_opus(self) -> bool:
        return True


@pytest.mark.parametrize("size", [0, 1, 63, 64, 16383, 16384])
def test_lengths_are_read_as_they_are_written(size: int) -> None:
    assert Reader(vector(bytes(size))).vector() == bytes(size)


def test_what_is_no_key_package_is_refused() -> None:
    lock = DaveyLock()
    lock.begin(1, 2, 3)
    lock.external_sender(Group(2).sender.package)
    package = lock.key_package()
    assert int.from_bytes(read_key_package(package).identity, "big") == 1
    for wrong in (b"", package[:-1], package + b"\0", b"\0\2" + package[2:]):
        with pytest.raises(NotMls):
            read_key_package(wrong)
