"""Voice between a real client and scripted members."""

from __future__ import annotations

import asyncio

import discord
import numpy as np
import pytest

from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.people import Kind
from tests.discord_double.permissions import May
from tests.discord_double.voice.opcodes import Op
from tests.discord_double.voice.rtp import SILENCE
from tests.discord_double.voice.sealing import AES, XCHACHA
from tests.discord_double.voice.weather import ROUGH, Weather
from tests.double.calls import EVERY_WORD, WORDS, call, connect, hear_all, heard_words, play, quiet, settled
from tests.double.ear import Ear


async def test_bot_and_member_hear_each_other_at_once_without_a_frame_wrong(
    client: discord.Client, guild: Neighbourhood
) -> None:
    ear, (ana,) = await call(client, guild, "Ana")
    play(ear, 1.0)
    _, heard = await asyncio.gather(ana.says_frames(WORDS), ana.hears_out(quiet_s=0.2))
    assert heard_words(ear, ana) == EVERY_WORD
    assert heard.missing == 0
    assert heard.speech_s == pytest.approx(1.0, abs=0.03)
    assert heard.pitch_hz() == pytest.approx(440, abs=3)
    assert not ana.voice.unopened  # type: ignore[union-attr] # she is in voice
    await ear.disconnect()


async def test_what_is_heard_keeps_its_place_in_time(client: discord.Client, guild: Neighbourhood) -> None:
    ear, (ana,) = await call(client, guild, "Ana")

    async def twice() -> None:
        for _ in range(2):
            play(ear, 0.2)
            await settled(lambda: not ear.is_playing())
            await asyncio.sleep(0.4)

    heard, _ = await asyncio.gather(ana.hears(1.4), twice())
    loud = np.abs(heard.sound).max(axis=1).reshape(-1, 960).max(axis=1) > 0.1
    starts = np.flatnonzero(np.diff(loud.astype(int), prepend=0) == 1) * 0.02
    assert len(starts) == 2
    assert starts[1] - starts[0] == pytest.approx(0.6, abs=0.3)
    await ear.disconnect()


@pytest.mark.parametrize("modes", [(XCHACHA,), (AES, XCHACHA)])
async def test_rough_weather_costs_what_is_lost_and_nothing_more(
    double: LoopbackDiscord, client: discord.Client, guild: Neighbourhood, modes: tuple[str, ...]
) -> None:
    double.hall.modes = modes
    ear, (ana,) = await call(client, guild, "Ana")
    weather = Weather(
        lose=frozenset({3, 4}), swap=frozenset({10}), repeat=frozenset({20}), padding=8, extended=True, reports_every=10
    )
    await ana.says_frames(WORDS, weather)
    await quiet(ear)
    assert heard_words(ear, ana) == [0, 1, 2, *range(5, 10), 11, 10, *range(12, 30)]
    assert ear.counts["reports"] == 4
    del ear.counts["reports"], ear.counts["held"]
    assert sum(ear.counts.values()) == 1, "the repeated frame is refused by DAVE"
    sequences = [each.sequence for each in ear.heard[ana.id]]
    assert max(sequences) > 65_000
    assert min(sequences) < 100, "the sequence number wraps in the middle"
    ear.heard.clear()
    await ana.says_frames(WORDS * 5, ROUGH)
    await quiet(ear)
    lost = len(WORDS) * 5 - len([each for each in ear.frames_of(ana.id) if each != SILENCE])
    assert 0 <= lost < 12
    assert ear.counts["empty"] > 0
    await ear.disconnect()


async def test_words_before_speaking_is_announced_are_held_by_who_waits(
    client: discord.Client, guild: Neighbourhood
) -> None:
    ear, (ana,) = await call(client, guild, "Ana")
    await ana.says_frames(WORDS, announced_after=3)
    await quiet(ear)
    assert ear.counts["held"] >= 3
    assert heard_words(ear, ana) == EVERY_WORD
    await ear.disconnect()


async def test_members_come_and_go_while_others_speak(client: discord.Client, guild: Neighbourhood) -> None:
    ear, (ana,) = await call(client, guild, "Ana")
    rui, eva = guild.member("Rui"), guild.member("Eva")

    async def come_and_go() -> None:
        await rui.joins(guild.voice)
        await asyncio.sleep(0.2)
        await eva.joins(guild.voice)
        await asyncio.sleep(0.2)
        await rui.leaves()

    await asyncio.gather(ana.says_frames(WORDS * 2), come_and_go())
    await quiet(ear)
    assert heard_words(ear, ana) == EVERY_WORD * 2
    assert await hear_all(ear, eva) == EVERY_WORD
    group = guild.seat_of(next(iter(guild._house.world.applications.values()))).room.group
    assert group is not None
    assert group.sender.members.count(ana.id) == 1
    assert set(group.sender.members) == {ana.id, eva.id, client.application_id}
    for each in (ana, eva):
        await each.leaves()
    await settled(lambda: any("alone" in each for each in group.history))
    await ana.joins(guild.voice)
    assert await hear_all(ear, ana) == EVERY_WORD
    await ear.disconnect()


async def test_a_camera_in_the_middle_is_another_stream(client: discord.Client, guild: Neighbourhood) -> None:
    ear, (ana,) = await call(client, guild, "Ana")
    await asyncio.gather(ana.says_frames(WORDS), ana.films(0.3))
    await quiet(ear)
    assert ear.counts["other"] >= 8
    assert int(Op.VIDEO) in ear.told
    assert heard_words(ear, ana) == EVERY_WORD
    await ear.disconnect()


async def test_a_stage_is_not_encrypted_and_speakers_are_called_up(
    double: LoopbackDiscord, client: discord.Client, guild: Neighbourhood
) -> None:
    stage = guild.channel(Kind.STAGE, "Stage")
    await settled(lambda: client.get_channel(stage.id))
    ana = guild.member("Ana")
    await ana.joins(stage)
    guild.owner.silences(ana.user, mute=False)
    ear = await connect(client, stage.id)
    assert ear._connection.dave_protocol_version == 0
    assert await hear_all(ear, ana) == EVERY_WORD
    play(ear, 0.3)
    assert not (await ana.hears(0.5)).speakers, "the audience is not heard"
    guild.owner.silences(double.bot, mute=False)
    play(ear, 0.3)
    assert (await ana.hears_out(quiet_s=0.2)).speakers == {double.bot.id}
    await ear.disconnect()


async def test_where_a_bot_may_not_enter_its_request_meets_silence(
    double: LoopbackDiscord, client: discord.Client, guild: Neighbourhood
) -> None:
    guild.owner.forbids(double.bot, guild.voice, May.CONNECT)
    channel = client.get_channel(guild.voice.id)
    assert isinstance(channel, discord.VoiceChannel)
    with pytest.raises(asyncio.TimeoutError):
        await channel.connect(cls=Ear, timeout=0.3)


async def test_who_may_not_speak_is_not_heard(
    double: LoopbackDiscord, client: discord.Client, guild: Neighbourhood
) -> None:
    guild.owner.forbids(double.bot, guild.voice, May.SPEAK)
    ear, (ana,) = await call(client, guild, "Ana")
    play(ear, 0.2)
    assert not (await ana.hears(0.4)).speakers
    await ear.disconnect()


async def test_speech_at_twenty_times_its_speed(
    guild: Neighbourhood, client: discord.Client, double: LoopbackDiscord
) -> None:
    ear, (ana,) = await call(client, guild, "Ana")
    double.clock.rate_to(20)
    assert await hear_all(ear, ana) == EVERY_WORD
    await ear.disconnect()
