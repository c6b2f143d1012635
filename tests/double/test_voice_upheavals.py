"""Voice when something happens to the call."""

from __future__ import annotations

import asyncio
import socket
from typing import Any, cast

import discord
import pytest

from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.people import Kind
from tests.discord_double.voice.opcodes import Close
from tests.double.calls import EVERY_WORD, WORDS, call, connect, hear_all, play, settled


async def test_a_new_group_in_mid_speech_heals(client: discord.Client, guild: Neighbourhood) -> None:
    ear, (ana, rui) = await call(client, guild, "Ana", "Rui")
    group = cast(Any, ana.voice).room.group

    async def start_over() -> None:
        await asyncio.sleep(0.2)
        group.restart()

    await asyncio.gather(ana.says_frames(WORDS), start_over())
    await settled(lambda: ear._connection.can_encrypt and not group.pending)
    assert await hear_all(ear, ana) == EVERY_WORD
    assert await hear_all(ear, rui) == EVERY_WORD
    play(ear, 0.3)
    assert (await ana.hears_out(quiet_s=0.2)).missing == 0
    await ear.disconnect()


async def test_a_bad_commit_is_reported_and_mended(
    double: LoopbackDiscord, client: discord.Client, guild: Neighbourhood
) -> None:
    ear, (ana,) = await call(client, guild, "Ana")
    seat = guild.seat_of(double.bot)
    group = seat.room.group
    assert group is not None
    epoch = group.sender.epoch
    group.break_commit(seat)
    await settled(lambda: group.sender.epoch > epoch and not group.pending)
    assert any(each.startswith(f"invalid {double.bot.id}") for each in group.history)
    assert await hear_all(ear, ana) == EVERY_WORD
    await ear.disconnect()


async def test_end_to_end_encryption_can_be_taken_down(client: discord.Client, guild: Neighbourhood) -> None:
    ear, (ana,) = await call(client, guild, "Ana")
    group = cast(Any, ana.voice).room.group
    group.downgrade()
    await settled(lambda: ear._connection.dave_protocol_version == 0)
    assert group.version == 0
    await ear.disconnect()


async def test_a_bot_is_moved_put_out_and_loses_its_channel(
    double: LoopbackDiscord, client: discord.Client, guild: Neighbourhood
) -> None:
    ear, (ana,) = await call(client, guild, "Ana")
    attic = guild.channel(Kind.VOICE, "Attic")
    guild.owner.moves(double.bot, attic)
    await settled(
        lambda: ear.is_connected() and ear.channel.id == attic.id and guild.hall.seat_of(guild.me(double.bot))
    )
    await ana.joins(attic)
    assert await hear_all(ear, ana) == EVERY_WORD
    guild.owner.moves(double.bot, None)
    await settled(lambda: not ear.is_connected())
    assert client.voice_clients == []
    again = await connect(client, guild.voice.id)
    guild.deletes(guild.voice)
    await settled(lambda: not again.is_connected())


async def test_a_session_that_is_no_longer_valid_is_begun_anew(
    double: LoopbackDiscord, client: discord.Client, guild: Neighbourhood, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord.backoff.ExponentialBackoff, "delay", lambda self: 0.01)
    ear, (ana,) = await call(client, guild, "Ana")
    before = guild.seat_of(double.bot)
    before.close(Close.SESSION_INVALID)
    # The reading thread of 2.7.1 waits on the old socket, closed or not, until a packet comes or 30 s are over.
    ear._connection.socket.shutdown(socket.SHUT_RDWR)
    await settled(lambda: ear.is_connected() and guild.hall.seat_of(guild.me(double.bot)) not in (None, before))
    group = before.room.group
    await settled(lambda: ear._connection.can_encrypt and group is not None and not group.pending)
    assert await hear_all(ear, ana) == EVERY_WORD
    await ear.disconnect()


async def test_the_call_moves_to_another_voice_server(
    double: LoopbackDiscord, client: discord.Client, guild: Neighbourhood
) -> None:
    ear, (ana,) = await call(client, guild, "Ana")
    before = guild.seat_of(double.bot)
    guild.hall.change_server(guild.guild, guild.me(double.bot))
    await settled(lambda: ear.is_connected() and guild.seat_of(double.bot) is not before)
    await settled(lambda: ear._connection.can_encrypt)
    assert str(ear.endpoint).startswith("voice-2")
    await ana.locked()
    assert await hear_all(ear, ana) == EVERY_WORD
    await ear.disconnect()


async def test_discord_py_does_not_notice_that_it_is_back_after_a_crash(
    double: LoopbackDiscord, client: discord.Client, guild: Neighbourhood
) -> None:
    """A trait of 2.7.1 that a bot needs a watchdog for; when this fails, the watchdog may go."""
    ear, _ = await call(client, guild, "Ana")
    guild.seat_of(double.bot).close(Close.CRASHED)
    await settled(lambda: not ear.is_connected())
    await asyncio.sleep(0.5)
    assert not ear.is_connected()
    assert not client.is_closed()
    await ear.disconnect(force=True)
