"""The double's small parts, one by one."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.discord_double import permissions
from tests.discord_double.bell import Bell, NeverSeen
from tests.discord_double.clock import Clock
from tests.discord_double.people import Channel, Guild, Kind, Membership, Role, User
from tests.discord_double.permissions import May
from tests.discord_double.snowflake import Mint
from tests.discord_double.voice import rtp, sealing
from tests.discord_double.voice.rtp import Frame
from tests.discord_double.voice.weather import FAIR, Sky, Weather

words = st.integers(0, 8).map(lambda count: bytes(4 * count))
frames = st.builds(
    Frame,
    ssrc=st.integers(0, 2**32 - 1),
    sequence=st.integers(0, 2**16 - 1),
    timestamp=st.integers(0, 2**32 - 1),
    payload=st.binary(max_size=400),
    payload_type=st.sampled_from([rtp.OPUS, rtp.VIDEO]),
    extension=st.none() | words,
    padding=st.integers(0, 255),
)


async def test_fifteen_minutes_pass_when_somebody_says_so() -> None:
    clock, began_s = Clock(), time.monotonic()
    order: list[str] = []

    async def sleep(seconds: float, name: str) -> None:
        await clock.sleep(seconds)
        order.append(name)

    sleeping = asyncio.gather(sleep(900, "late"), sleep(3, "early"))
    await asyncio.sleep(0)
    clock.advance(4)
    await asyncio.sleep(0.01)
    assert order == ["early"]
    clock.advance(900)
    await sleeping
    assert order == ["early", "late"]
    assert time.monotonic() - began_s < 60


async def test_a_fast_clock_runs_by_itself() -> None:
    clock = Clock(rate=1000)
    before_s = clock.now_s()
    await clock.sleep(10)
    assert clock.now_s() - before_s > 9
    assert clock.real_s(10) == 0.01


async def test_what_never_comes_is_told_with_its_reason() -> None:
    with pytest.raises(NeverSeen, match="a miracle"):
        await Bell().until(lambda: False, within_s=0.01, why="a miracle")


def test_snowflakes_only_grow_and_tell_the_hour() -> None:
    clock = Clock()
    mint = Mint(clock)
    some = [mint.next() for _ in range(5000)]
    assert some == sorted(set(some))
    clock.advance(60)
    later = mint.next()
    assert (later >> 22) - (some[0] >> 22) == pytest.approx(60_000, abs=5_000)


@given(frames, st.sampled_from(sealing.MODES), st.integers(0, 2**32 - 1))
def test_a_packed_frame_unpacks_to_itself(frame: Frame, mode: str, count: int) -> None:
    key = bytes(range(32))
    assert rtp.unpack(rtp.pack(frame, mode, key, count), mode, key) == frame


@given(st.binary(max_size=200), st.sampled_from(sealing.MODES))
def test_noise_is_no_packet(noise: bytes, mode: str) -> None:
    with pytest.raises((rtp.Malformed, sealing.Tampered)):
        rtp.unpack(noise, mode, bytes(32))


def test_a_changed_bit_is_noticed() -> None:
    packed = bytearray(rtp.pack(Frame(1, 2, 3, b"words"), sealing.AES, bytes(32), 1))
    packed[3] ^= 1
    with pytest.raises(sealing.Tampered):
        rtp.unpack(bytes(packed), sealing.AES, bytes(32))


@given(st.integers(0, 1000), st.floats(0, 0.3), st.floats(0, 0.3), st.floats(0, 0.3))
def test_weather_loses_swaps_and_repeats_but_invents_nothing(
    seed: int, lost: float, swapped: float, repeated: float
) -> None:
    sky = Sky(Weather(lost_share=lost, swapped_share=swapped, repeated_share=repeated, seed=seed))
    sent = [Frame(1, number, number * 960, bytes([number % 256])) for number in range(200)]
    arrived = [each for frame in sent for each in sky.through(frame)]
    assert set(arrived) <= set(sent)
    again = Sky(Weather(lost_share=lost, swapped_share=swapped, repeated_share=repeated, seed=seed))
    assert arrived == [each for frame in sent for each in again.through(frame)]
    if lost == swapped == repeated == 0:
        assert arrived == sent


def test_packets_of_padding_alone_take_sequence_numbers_of_their_own() -> None:
    sky = Sky(Weather(empty_share=0.5, seed=4))
    arrived = [each for number in range(50) for each in sky.through(Frame(1, number, 0, b"x"))]
    assert [each.sequence for each in arrived] == list(range(len(arrived)))
    assert sum(not each.payload for each in arrived) > 5
    sky.change(FAIR)
    assert [each.sequence for each in sky.through(Frame(1, 50, 0, b"x"))] == [len(arrived)]


def test_permissions_are_computed_in_discords_order() -> None:
    ana, owner = User(2, "Ana"), User(3, "Owner")
    guild = Guild(1, "G", owner.id, roles={1: Role(1, "@everyone", int(May.VIEW_CHANNEL | May.SEND_MESSAGES))})
    guild.roles[5] = Role(5, "Teller", int(May.ATTACH_FILES))
    guild.members = {2: Membership(ana, {5}), 3: Membership(owner)}
    room = Channel(9, Kind.TEXT, "r", 1)
    guild.channels[9] = room

    def ask() -> int:
        return permissions.of(guild, ana.id, room)

    assert ask() == May.VIEW_CHANNEL | May.SEND_MESSAGES | May.ATTACH_FILES
    room.overwrites[1] = (0, int(May.SEND_MESSAGES))
    assert not ask() & May.SEND_MESSAGES
    room.overwrites[5] = (int(May.SEND_MESSAGES), 0)
    assert ask() & May.SEND_MESSAGES
    room.overwrites[2] = (0, int(May.VIEW_CHANNEL))
    assert ask() == 0
    assert permissions.of(guild, owner.id, room) == permissions.EVERYTHING
    assert permissions.of(guild, 77, room) == 0
    guild.roles[5].permissions = int(May.ADMINISTRATOR)
    assert ask() == permissions.EVERYTHING
