"""What a call lives through."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import discord
import numpy as np
import pytest

from bot.voice.blocks import Blocks
from bot.voice.call import Call, Health
from bot.voice.mouth import Mouth
from pipeline.audio.sum import Sum
from pipeline.errors import Refused
from pipeline.words.sound import Samples
from tests.bot.voice.calling import QUICK, found_in, settled
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.members.heard import Heard
from tests.discord_double.members.person import Person
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.people import Kind
from tests.discord_double.permissions import May
from tests.discord_double.running import running
from tests.discord_double.voice.opcodes import Close
from tests.pipeline.audio.making import Made, made


@pytest.fixture(scope="module")
def tale(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Five seconds."""
    return made(tmp_path_factory.mktemp("stems"), lengths_s=(2.0,), tail_s=0.5)


@pytest.fixture(scope="module")
def long_tale(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A minute."""
    return made(tmp_path_factory.mktemp("stems"), lengths_s=(8.0,) * 8)


@pytest.fixture
def blocks() -> Iterator[Blocks]:
    """The worker."""
    one = Blocks()
    yield one
    one.close()


def mouth_of(tale: Made, blocks: Blocks) -> Mouth:
    mouth = Mouth(tale.path_of, blocks)
    blocks.add(mouth)
    mouth.grow(tale.timeline)
    return mouth


def file_of(tale: Made) -> Samples:
    it = Sum(tale.path_of)
    it.grow(tale.timeline)
    return np.concatenate(list(it.walk()))


async def test_a_member_hears_the_tale_end_to_end_encrypted(
    guild: Neighbourhood, call: Call, blocks: Blocks, tale: Made
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    await call.enter(guild.voice.id, "test")
    mouth = mouth_of(tale, blocks)
    await settled(lambda: mouth.ahead)
    call.play(mouth)
    heard = await ana.hears_out(quiet_s=1.0)
    assert mouth.over
    match = found_in(heard.sound, file_of(tale))
    assert match.likeness > 0.97
    assert heard.missing == 0
    assert guild.hall.room(guild.voice).violations == []


@pytest.mark.parametrize(
    ("denied", "code"),
    [((May.CONNECT,), "booth_no_connect"), ((May.SPEAK,), "booth_no_speak")],
)
async def test_what_it_may_not_is_said_without_knocking(
    double: LoopbackDiscord, guild: Neighbourhood, denied: tuple[May, ...], code: str
) -> None:
    guild.owner.forbids(double.bot, guild.voice, *denied)
    intents = discord.Intents(guilds=True, voice_states=True)
    async with running(double, discord.Client(intents=intents, connector=double.connector())) as client:
        with pytest.raises(Refused) as refused:
            await Call(client, QUICK).enter(guild.voice.id, "test")
    assert refused.value.code == code


async def test_a_full_channel_is_said(guild: Neighbourhood, double: LoopbackDiscord) -> None:
    guild.voice.user_limit = 1
    await guild.member("Ana").joins(guild.voice)
    intents = discord.Intents(guilds=True, voice_states=True)
    async with running(double, discord.Client(intents=intents, connector=double.connector())) as client:
        with pytest.raises(Refused) as refused:
            await Call(client, QUICK).enter(guild.voice.id, "test")
    assert refused.value.code == "booth_full"


async def test_a_channel_that_is_gone_is_said(call: Call) -> None:
    with pytest.raises(Refused) as refused:
        await call.enter(1, "test")
    assert refused.value.code == "booth_gone"


async def test_muted_by_the_server_it_says_so_and_goes_on_when_unmuted(
    double: LoopbackDiscord, guild: Neighbourhood, call: Call
) -> None:
    await call.enter(guild.voice.id, "test")
    guild.owner.silences(double.bot)
    await settled(lambda: call.health is Health.SILENCED)
    assert call.why is not None
    assert call.why.code == "booth_muted"
    guild.owner.silences(double.bot, mute=False)
    await settled(lambda: call.health is Health.WELL)


async def test_muted_for_too_long_it_is_over(double: LoopbackDiscord, guild: Neighbourhood, call: Call) -> None:
    await call.enter(guild.voice.id, "test")
    guild.owner.silences(double.bot)
    await settled(lambda: call.health is Health.LOST)
    assert call.why is not None
    assert call.why.code == "booth_muted"


async def test_deafened_by_the_server_it_says_so(double: LoopbackDiscord, guild: Neighbourhood, call: Call) -> None:
    await call.enter(guild.voice.id, "test")
    state = guild.me(double.bot).voice
    assert state is not None
    state.deaf = True
    guild.hall.tell(guild.guild, guild.me(double.bot))
    await settled(lambda: call.health is Health.SILENCED)
    assert call.why is not None
    assert call.why.code == "booth_deafened"


async def test_a_lost_gateway_is_not_heard(
    double: LoopbackDiscord, guild: Neighbourhood, call: Call, blocks: Blocks, long_tale: Made
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    await call.enter(guild.voice.id, "test")
    mouth = mouth_of(long_tale, blocks)
    call.play(mouth)
    await settled(lambda: mouth.at > 0)
    double.drop_gateway()
    assert (await _hears_something(call, mouth, ana)).speech_s > 0.5
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
    assert (await _hears_something(call, mouth, ana)).speech_s > 0.5


async def test_put_out_it_does_not_come_back(double: LoopbackDiscord, guild: Neighbourhood, call: Call) -> None:
    await call.enter(guild.voice.id, "test")
    guild.owner.moves(double.bot, None)
    await settled(lambda: call.health is Health.LOST)
    assert call.why is not None
    assert call.why.code == "booth_put_out"
    assert guild.me(double.bot).voice is None


async def test_a_deleted_channel_is_said(guild: Neighbourhood, call: Call) -> None:
    await call.enter(guild.voice.id, "test")
    guild.deletes(guild.voice)
    await settled(lambda: call.health is Health.LOST)
    assert call.why is not None
    assert call.why.code in ("booth_gone", "booth_put_out")


@pytest.mark.parametrize("code", [Close.CRASHED, Close.SESSION_INVALID, Close.DISCONNECTED])
async def test_whatever_ends_the_connection_it_is_heard_again(
    double: LoopbackDiscord, guild: Neighbourhood, call: Call, blocks: Blocks, long_tale: Made, code: Close
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    await call.enter(guild.voice.id, "test")
    mouth = mouth_of(long_tale, blocks)
    call.play(mouth)
    await settled(lambda: mouth.at > 0)
    guild.seat_of(double.bot).close(code)
    await settled(lambda: call.health is Health.BROKEN)
    await settled(lambda: call.health is Health.WELL)
    assert (await _hears_something(call, mouth, ana)).speech_s > 0.5


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
    assert (await _hears_something(call, mouth, ana)).speech_s > 0.5


async def test_new_keys_in_mid_tale_are_lived_through(
    guild: Neighbourhood, call: Call, blocks: Blocks, long_tale: Made
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    await call.enter(guild.voice.id, "test")
    mouth = mouth_of(long_tale, blocks)
    call.play(mouth)
    await settled(lambda: mouth.at > 0)
    group = guild.hall.room(guild.voice).group
    assert group is not None
    group.restart()
    await settled(lambda: not group.pending and call.health is Health.WELL)
    assert (await _hears_something(call, mouth, ana)).speech_s > 0.5


async def test_a_stage_is_asked_for_the_floor(guild: Neighbourhood, double: LoopbackDiscord, call: Call) -> None:
    stage = guild.channel(Kind.STAGE, "Stage")
    await settled(lambda: call.client.get_channel(stage.id))
    entering = asyncio.create_task(call.enter(stage.id, "test"))
    await settled(lambda: guild.me(double.bot).voice is not None)
    guild.owner.silences(double.bot, mute=False)
    await entering
    assert call.health is Health.WELL


async def test_a_stage_that_does_not_let_it_up_is_left(
    guild: Neighbourhood, double: LoopbackDiscord, call: Call
) -> None:
    stage = guild.channel(Kind.STAGE, "Stage")
    await settled(lambda: call.client.get_channel(stage.id))
    with pytest.raises(Refused) as refused:
        await call.enter(stage.id, "test")
    assert refused.value.code == "booth_audience"
    assert guild.me(double.bot).voice is None


async def test_it_stays_for_whoever_still_needs_it_and_shows_its_ears(
    guild: Neighbourhood, double: LoopbackDiscord, call: Call
) -> None:
    await call.enter(guild.voice.id, "test")
    state = guild.me(double.bot).voice
    assert state is not None
    assert state.self_deaf
    await call.enter(guild.voice.id, "ears", ears=True)
    await settled(lambda: not _deaf(guild, double))
    await call.release("ears")
    await settled(lambda: _deaf(guild, double))
    await call.release("test")
    assert guild.me(double.bot).voice is None


def _deaf(guild: Neighbourhood, double: LoopbackDiscord) -> bool:
    state = guild.me(double.bot).voice
    return state is not None and state.self_deaf


async def _hears_something(call: Call, mouth: Mouth, who: Person) -> Heard:
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


async def test_a_voice_service_that_is_gone_for_a_while_is_waited_for(
    double: LoopbackDiscord, guild: Neighbourhood, call: Call, blocks: Blocks, long_tale: Made
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    await call.enter(guild.voice.id, "test")
    mouth = mouth_of(long_tale, blocks)
    call.play(mouth)
    await settled(lambda: mouth.at > 0)
    before = guild.voice.overwrites.copy()
    guild.owner.forbids(double.bot, guild.voice, May.CONNECT)  # nobody answers, as in an outage
    guild.seat_of(double.bot).close(Close.CRASHED)
    await settled(lambda: call.health is Health.BROKEN)
    await asyncio.sleep(4.0)
    assert call.health is Health.BROKEN
    guild.voice.overwrites = before
    await settled(lambda: call.health is Health.WELL)
    assert (await _hears_something(call, mouth, ana)).speech_s > 0.5


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
