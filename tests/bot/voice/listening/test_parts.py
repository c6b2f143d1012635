"""Packets, order, places: the ears' parts."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.voice.receive.align import AlignedSound, Spurts
from bot.voice.receive.decrypt import Transport
from bot.voice.receive.jitter import Arrived, Jitter, Lost
from bot.voice.receive.opus import Decoder
from bot.voice.receive.packet import PacketKind, kind_of, packet_of, payload_of
from tests.discord_double.members import opus
from tests.discord_double.voice import rtp
from tests.discord_double.voice.rtp import Frame
from tests.discord_double.voice.sealing import XCHACHA

KEY = bytes(range(32))
TONE = opus.tone(440, 1.0)


@pytest.fixture(scope="module", autouse=True)
def library() -> None:
    opus.load()


@given(st.binary(max_size=200))
def test_nothing_that_comes_over_the_wire_breaks_the_reading(datagram: bytes) -> None:
    if kind_of(datagram) is PacketKind.SOUND:
        packet = packet_of(datagram)
        assert packet is None or Transport(KEY).opened(packet) is None


@given(
    st.binary(max_size=60),
    st.integers(0, 255),
    st.none() | st.binary(max_size=40).map(lambda body: body[: len(body) // 4 * 4]),
)
def test_extensions_and_padding_are_taken_off(payload: bytes, padding: int, extension: bytes | None) -> None:
    frame = Frame(7, 65_535, 2**32 - 1, payload, extension=extension, padding=padding)
    datagram = rtp.pack(frame, XCHACHA, KEY, 3)
    packet = packet_of(datagram)
    assert packet is not None
    assert kind_of(datagram) is PacketKind.SOUND
    assert (packet.ssrc, packet.sequence, packet.timestamp) == (7, 65_535, 2**32 - 1)
    opened = Transport(KEY).opened(packet)
    assert opened is not None
    assert payload_of(packet, opened) == payload


def test_reports_cameras_and_echoes_are_no_sound() -> None:
    assert kind_of(rtp.sender_report(1, 2, XCHACHA, KEY, 1)) is PacketKind.REPORT
    assert kind_of(rtp.pack(Frame(1, 1, 1, b"x" * 40, 101), XCHACHA, KEY, 1)) is PacketKind.OTHER_STREAM
    assert kind_of(bytes(8)) is PacketKind.STRAY
    assert kind_of(b"\x00\x02\x00\x46" + bytes(70)) is PacketKind.STRAY


def test_padding_that_lies_about_its_length_is_refused() -> None:
    frame = Frame(7, 1, 1, b"abc", padding=4)
    packet = packet_of(rtp.pack(frame, XCHACHA, KEY, 3))
    assert packet is not None
    assert payload_of(packet, b"abc\xff") is None
    assert payload_of(packet, b"abc\x00") is None
    assert payload_of(packet, b"") is None


@given(st.integers(0, 65_535), st.integers(0, 2**31), st.sets(st.integers(1, 38), max_size=12))
def test_frames_come_out_in_order_and_once_whatever_befell_them(start: int, seed: int, lost: set[int]) -> None:
    dice = random.Random(seed)
    jitter, out = Jitter(), []
    sent = [number for number in range(40) if number not in lost]
    late = {number: number * 0.02 + dice.uniform(0, 0.05) for number in sent}
    for number in sorted(sent, key=lambda one: late[one]):
        for _ in range(dice.choice((1, 1, 2))):
            jitter.put(Arrived((start + number) & 0xFFFF, number * 960, late[number], b"x"))
        out += list(jitter.take(late[number]))
    out += list(jitter.take(float("inf")))
    assert [one.timestamp // 960 for one in out if isinstance(one, Arrived)] == sent
    assert sum(one.frames for one in out if isinstance(one, Lost)) == len(lost)


def test_a_stream_that_begins_again_far_away_is_followed() -> None:
    jitter = Jitter()
    jitter.put(Arrived(100, 0, 0.0, b"old"))
    list(jitter.take(1.0))
    jitter.put(Arrived(40_000, 0, 2.0, b"new"))
    assert [one.body for one in jitter.take(3.0) if isinstance(one, Arrived)] == [b"new"]


def frames() -> list[bytes]:
    return opus.Encoder().frames(TONE)


def placed(slots: list[Arrived | Lost]) -> list[AlignedSound]:
    spurts, out = Spurts(0.0), []
    for slot in slots:
        out += list(spurts.take(slot))
    return out + list(spurts.settle(float("inf")))


def loudness(pieces: list[AlignedSound], start_s: float, end_s: float) -> float:
    whole = np.zeros(max(one.end for one in pieces), np.float64)
    for one in pieces:
        whole[one.start : one.end] = one.pcm
    part = whole[round(start_s * 48_000) : round(end_s * 48_000)]
    return float(np.sqrt(np.mean(part**2)))


def test_a_spurt_begins_with_the_promptest_of_its_first_frames() -> None:
    delays_s = [0.05, 0.03, 0.0, 0.02, 0.04, *[0.01] * 40]
    slots: list[Arrived | Lost] = [
        Arrived(at, 5_000 + at * 960, 1.0 + at * 0.02 + delays_s[at], body) for at, body in enumerate(frames()[:45])
    ]
    pieces = placed(slots)
    assert pieces[0].start == pytest.approx(48_000, abs=10)
    assert all(left.end == right.start for left, right in itertools.pairwise(pieces))


@pytest.mark.parametrize("advance", [0, 48_000 * 2])
def test_timestamps_may_stand_still_or_run_on_in_a_pause(advance: int) -> None:
    bodies = frames()
    first: list[Arrived | Lost] = [Arrived(at, at * 960, at * 0.02, bodies[at]) for at in range(10)]
    second: list[Arrived | Lost] = [
        Arrived(10 + at, 9_600 + advance + at * 960, 2.2 + at * 0.02, bodies[at]) for at in range(10)
    ]
    pieces = placed([*first, *second])
    assert pieces[10].start == pytest.approx(2.2 * 48_000, abs=10)


def test_timestamps_wrap() -> None:
    start = 2**32 - 5 * 960
    slots: list[Arrived | Lost] = [
        Arrived(at, (start + at * 960) & 0xFFFF_FFFF, at * 0.02, body) for at, body in enumerate(frames()[:20])
    ]
    assert placed(slots)[-1].end == 20 * 960


def test_a_lost_frame_is_made_up_and_a_packet_of_padding_is_not_one() -> None:
    bodies = frames()
    there = [Arrived(at, at * 960, at * 0.02, bodies[at]) for at in range(40)]
    lossy: list[Arrived | Lost] = [*there[:20], Lost(2, there[22]), *there[22:]]
    pieces = placed(lossy)
    assert pieces[-1].end == 40 * 960
    assert loudness(pieces, 0.40, 0.44) > 0.3 * loudness(pieces, 0.2, 0.4)
    padded: list[Arrived | Lost] = [*there[:20], Lost(1, there[20]), *there[20:]]
    assert sum(len(one.pcm) for one in placed(padded)) == 40 * 960


def test_what_is_no_opus_costs_a_frame_and_not_the_decoder() -> None:
    decoder = Decoder()
    bodies = frames()
    decoder.decode(bodies[0])
    assert not decoder.decode(b"\xff" * 50).any()
    assert decoder.rebuilt == 1
    for body in bodies[1:6]:
        pcm = decoder.decode(body)
    assert np.abs(pcm).max() > 1_000
