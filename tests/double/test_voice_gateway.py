"""The voice gateway's own rules."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.people import Kind
from tests.discord_double.voice import rtp
from tests.discord_double.voice.opcodes import Close, Op
from tests.discord_double.voice.rtp import Frame
from tests.discord_double.voice.sealing import AES
from tests.double.calls import settled
from tests.double.raw_voice import RawVoice


@pytest.fixture
async def raw(double: LoopbackDiscord, guild: Neighbourhood) -> AsyncIterator[RawVoice]:
    """A raw client that was let into the voice channel."""
    client = RawVoice(double, guild)
    await client.request(guild.voice.id)
    await client.open()
    yield client
    await client.close()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"token": "wrong"}, Close.AUTHENTICATION_FAILED),
        ({"user_id": "1"}, Close.AUTHENTICATION_FAILED),
        ({"server_id": "1"}, Close.AUTHENTICATION_FAILED),
        ({"session_id": "old"}, Close.SESSION_INVALID),
        ({"max_dave_protocol_version": 0}, Close.E2EE_REQUIRED),
    ],
)
async def test_a_false_identify_is_shown_the_door(raw: RawVoice, change: dict[str, Any], code: int) -> None:
    await raw.identify(**change)
    assert await raw.close_code() == code


async def test_a_stage_takes_clients_without_end_to_end_encryption(
    double: LoopbackDiscord, guild: Neighbourhood
) -> None:
    stage = guild.channel(Kind.STAGE, "Stage")
    client = RawVoice(double, guild)
    await client.request(stage.id)
    assert client.state["suppress"]
    await client.open()
    await client.identify(max_dave_protocol_version=0)
    await client.select((await client.next())["d"])
    assert (await client.next())["d"]["dave_protocol_version"] == 0
    await client.close()


async def test_what_comes_out_of_turn_ends_the_connection(raw: RawVoice) -> None:
    await raw.send(5, {"speaking": 1})
    assert await raw.close_code() == Close.NOT_AUTHENTICATED
    await raw.open()
    await raw.identify()
    await raw.identify()
    assert await raw.close_code() == Close.ALREADY_AUTHENTICATED
    await raw.open()
    await raw.send(77, {})
    assert await raw.close_code() == Close.UNKNOWN_OPCODE
    await raw.open()
    await raw.socket.send_str("nonsense")
    assert await raw.close_code() == Close.UNDECODABLE


@pytest.mark.parametrize(
    ("choice", "code"),
    [({"mode": "xsalsa20_poly1305"}, Close.UNKNOWN_MODE), ({"protocol": "webrtc"}, Close.UNKNOWN_PROTOCOL)],
)
async def test_old_encryptions_and_other_protocols_are_gone(raw: RawVoice, choice: dict[str, str], code: int) -> None:
    await raw.identify()
    await raw.select((await raw.next())["d"], **choice)
    assert await raw.close_code() == code


async def test_a_garbled_key_package_is_a_bad_request(raw: RawVoice) -> None:
    await raw.identify()
    await raw.socket.send_bytes(bytes([Op.KEY_PACKAGE]) + b"nonsense")
    assert await raw.close_code() == Close.BAD_REQUEST


async def test_a_resume_brings_what_was_missed_and_only_that(
    double: LoopbackDiscord, guild: Neighbourhood, raw: RawVoice
) -> None:
    await raw.identify()
    await raw.select((await raw.next())["d"])
    assert (await raw.next())["op"] == Op.SESSION
    sequence, op = await raw.next()
    assert op == Op.EXTERNAL_SENDER
    guild.seat_of(double.bot).close(Close.CRASHED)
    assert await raw.close_code() == Close.CRASHED
    rui = guild.member("Rui")
    await rui.joins(guild.voice)
    await raw.open()
    told = {"server_id": raw.server["guild_id"], "session_id": raw.state["session_id"], "token": raw.server["token"]}
    await raw.send(Op.RESUME, told | {"seq_ack": sequence})
    missed = await raw.next()
    assert (missed["op"], missed["d"], missed["seq"]) == (Op.CLIENTS, {"user_ids": [str(rui.id)]}, sequence + 1)
    assert (await raw.next())["op"] == Op.RESUMED
    await raw.open()
    await raw.send(Op.RESUME, told | {"token": "wrong"})
    assert await raw.close_code() == Close.SESSION_INVALID


async def test_keepalives_come_back_and_strangers_packets_do_not_pass(
    double: LoopbackDiscord, guild: Neighbourhood, raw: RawVoice
) -> None:
    await raw.identify()
    ready = (await raw.next())["d"]
    await raw.select(ready)
    session = (await raw.next())["d"]
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(raw.datagrams, b"keepaliv")
    assert await asyncio.wait_for(loop.sock_recv(raw.datagrams, 100), 5) == b"keepaliv"
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    seat, key = guild.seat_of(double.bot), bytes(session["secret_key"])
    frame = Frame(ready["ssrc"], 1, 960, b"\xf8\xff\xfe")
    for sent in (
        rtp.pack(frame, AES, bytes(32), 1),
        rtp.pack(Frame(9, 1, 960, b"x"), AES, key, 2),
        *(rtp.pack(frame, AES, key, 3 + number) for number in range(6)),
    ):
        await loop.sock_sendall(raw.datagrams, sent)
    await settled(lambda: len(seat.room.violations) == 2)
    assert (seat.tampered, seat.keepalives) == (1, 1)
    assert seat.room.violations == [
        f"{double.bot.id} sent under a foreign SSRC",
        f"{double.bot.id} sent audio before SPEAKING",
    ]
    await raw.send(Op.SPEAKING, {"speaking": 1, "ssrc": ready["ssrc"], "delay": 0})
    await settled(lambda: seat.announced)
    await loop.sock_sendall(raw.datagrams, rtp.pack(frame, AES, key, 9))
    await settled(lambda: len(ana.heard().frames) == 7)
