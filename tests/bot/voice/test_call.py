"""Into a call, and out of it."""

from __future__ import annotations

import asyncio

import discord
import numpy as np
import pytest

from bot.voice.call import Call, Health
from bot.voice.player.audio_worker import Blocks
from pipeline.audio.sum import Sum
from pipeline.errors import Refused
from pipeline.words.sound import Samples
from tests.bot.voice.calling import QUICK, found_in, mouth_of, settled
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.people import Kind
from tests.discord_double.permissions import May
from tests.discord_double.running import running
from tests.pipeline.audio.making import Made, made


@pytest.fixture(scope="module")
def tale(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Five seconds."""
    return made(tmp_path_factory.mktemp("stems"), lengths_s=(2.0,), tail_s=0.5)


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


async def test_ears_that_open_and_close_at_once_leave_it_deaf(
    guild: Neighbourhood, double: LoopbackDiscord, call: Call
) -> None:
    await call.enter(guild.voice.id, "test")
    await call.enter(guild.voice.id, "ears", ears=True)
    await call.close_ears("ears")  # Discord has not said yet that we hear
    await settled(lambda: _deaf(guild, double))
    await asyncio.sleep(0.2)
    assert _deaf(guild, double)
    await call.release("ears")
    await call.release("test")


def _deaf(guild: Neighbourhood, double: LoopbackDiscord) -> bool:
    state = guild.me(double.bot).voice
    return state is not None and state.self_deaf
