"""A call, and what befalls it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import discord
import pytest

from bot.voice.call import Call, Health
from bot.voice.player.audio_worker import Blocks
from tests.bot.voice.calling import QUICK, hears_something, mouth_of, settled, told_to_ana
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.people import Kind
from tests.discord_double.permissions import May
from tests.discord_double.voice.opcodes import Close
from tests.pipeline.audio.making import Made


async def test_a_lost_gateway_is_not_heard(
    double: LoopbackDiscord, guild: Neighbourhood, call: Call, blocks: Blocks, long_tale: Made
) -> None:
    ana, mouth = await told_to_ana(guild, call, mouth_of(long_tale, blocks))
    double.drop_gateway()
    assert (await hears_something(call, mouth, ana)).speech_s > 0.5
    assert call.health is Health.WELL


async def test_moved_by_a_moderator_it_goes_on_there(
    double: LoopbackDiscord, guild: Neighbourhood, call: Call, blocks: Blocks, long_tale: Made
) -> None:
    attic = guild.channel(Kind.VOICE, "Attic")
    await call.enter(guild.voice.id, "test")
    mouth = mouth_of(long_tale, blocks)
    call.play(mouth)
    guild.owner.moves(double.bot, attic)
    await settled(lambda: call.room is not None and call.room.id == attic.id and call.health is Health.WELL)
    ana = guild.member("Ana")
    await ana.joins(attic)
    call.play(mouth)
    assert (await hears_something(call, mouth, ana)).speech_s > 0.5


async def test_put_out_it_does_not_come_back(double: LoopbackDiscord, guild: Neighbourhood, call: Call) -> None:
    await call.enter(guild.voice.id, "test")
    guild.owner.moves(double.bot, None)
    await settled(lambda: call.health is Health.LOST)
    assert call.why is not None
    assert call.why.code == "booth_put_out"
    assert guild.me(double.bot).voice is None


@pytest.mark.slow
async def test_a_deleted_channel_is_said(guild: Neighbourhood, call: Call) -> None:
    await call.enter(guild.voice.id, "test")
    guild.deletes(guild.voice)
    await settled(lambda: call.health is Health.LOST)
    assert call.why is not None
    assert call.why.code in ("booth_gone", "booth_put_out")


@pytest.mark.slow
@pytest.mark.parametrize("code", [Close.CRASHED, Close.SESSION_INVALID, Close.DISCONNECTED])
async def test_whatever_ends_the_connection_it_is_heard_again(
    double: LoopbackDiscord, guild: Neighbourhood, call: Call, blocks: Blocks, long_tale: Made, code: Close
) -> None:
    ana, mouth = await told_to_ana(guild, call, mouth_of(long_tale, blocks))
    guild.seat_of(double.bot).close(code)
    await settled(lambda: call.health is Health.BROKEN)
    await settled(lambda: call.health is Health.WELL)
    assert (await hears_something(call, mouth, ana)).speech_s > 0.5


async def test_another_voice_server_is_followed(
    double: LoopbackDiscord, guild: Neighbourhood, call: Call, blocks: Blocks, long_tale: Made
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    await call.enter(guild.voice.id, "test")
    before = guild.seat_of(double.bot)
    mouth = mouth_of(long_tale, blocks)
    call.play(mouth)
    guild.hall.change_server(guild.guild, guild.me(double.bot))
    await settled(lambda: guild.hall.seat_of(guild.me(double.bot)) not in (None, before))
    await settled(lambda: call.health is Health.WELL)
    assert (await hears_something(call, mouth, ana)).speech_s > 0.5


async def test_new_keys_in_mid_tale_are_lived_through(
    guild: Neighbourhood, call: Call, blocks: Blocks, long_tale: Made
) -> None:
    ana, mouth = await told_to_ana(guild, call, mouth_of(long_tale, blocks))
    group = guild.hall.room(guild.voice).group
    assert group is not None
    group.restart()
    await settled(lambda: not group.pending and call.health is Health.WELL)
    assert (await hears_something(call, mouth, ana)).speech_s > 0.5


@pytest.mark.slow
async def test_a_voice_service_that_is_gone_for_a_while_is_waited_for(
    double: LoopbackDiscord, guild: Neighbourhood, call: Call, blocks: Blocks, long_tale: Made
) -> None:
    ana, mouth = await told_to_ana(guild, call, mouth_of(long_tale, blocks))
    before = guild.voice.overwrites.copy()
    guild.owner.forbids(double.bot, guild.voice, May.CONNECT)  # nobody answers, as in an outage
    guild.seat_of(double.bot).close(Close.CRASHED)
    await settled(lambda: call.health is Health.BROKEN)
    await asyncio.sleep(4.0)
    assert call.health is Health.BROKEN
    guild.voice.overwrites = before
    await settled(lambda: call.health is Health.WELL)
    assert (await hears_something(call, mouth, ana)).speech_s > 0.5


async def test_a_voice_service_that_does_not_come_back_is_said(
    double: LoopbackDiscord, guild: Neighbourhood, client: discord.Client
) -> None:
    call = Call(client, replace(QUICK, join_s=0.5, mend_s=1.0))
    await call.enter(guild.voice.id, "test")
    guild.owner.forbids(double.bot, guild.voice, May.CONNECT)
    guild.seat_of(double.bot).close(Close.CRASHED)
    await settled(lambda: call.health is Health.LOST)
    assert call.why is not None
    assert call.why.code == "booth_lost"
    await call.release("test")
