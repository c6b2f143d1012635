"""An evening of tales."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import discord
import pytest

from bot.library.records import KeptTale
from bot.voice.call import Health
from bot.voice.player.status import Doing
from pipeline.words.event import Failed, Stopped
from pipeline.words.prompt import Prompt
from pipeline.words.sound import RATE_HZ
from tests.bot.voice.calling import settled, sounds_for
from tests.bot.voice.telling import BRISK, Evening, evening_of
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.voice.opcodes import Close
from tests.pipeline.audio.making import Made, made

ALL = 99
"""Every event of a tale."""


@pytest.mark.slow
async def test_two_tales_asked_at_once_are_told_one_after_the_other_with_a_breath_between(
    evening: Evening, guild: Neighbourhood, short: Made
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    for name in ("one", "two"):
        evening.wants(short, ana.id, name)(ALL)
    heard = await ana.hears_out(quiet_s=2.0, within_s=40.0)
    await settled(lambda: not evening.booth.busy)
    assert 8.0 <= heard.speech_s <= 11.0
    assert evening.cards["one"].heard_s[-1] > 3
    assert evening.cards["two"].heard_s[-1] > 3
    assert guild.hall.room(guild.voice).violations == []
    assert len(guild.hall.room(guild.voice).participants) == 1  # it left when nothing more was to tell


async def test_what_waits_in_line_does_not_enter(
    evening: Evening, guild: Neighbourhood, double: LoopbackDiscord, short: Made
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    come = evening.wants(short, ana.id)
    await asyncio.sleep(0.3)
    assert guild.me(double.bot).voice is None
    come(1)  # the intro: the first line is near
    await evening.telling("one")
    assert guild.me(double.bot).voice is not None


@pytest.mark.slow
async def test_a_line_that_comes_late_is_waited_for_with_music(
    evening: Evening, guild: Neighbourhood, short: Made
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    come = evening.wants(short, ana.id)
    come(1)
    await settled(lambda: evening.booth.now.doing is Doing.WAITING)
    come(ALL)
    await settled(lambda: evening.cards["one"].heard_s[-1:] > [3.0])
    assert evening.cards["one"].refused == []


async def test_a_line_that_never_comes_is_given_up_and_said(
    client: discord.Client, guild: Neighbourhood, short: Made, tmp_path: Path
) -> None:
    evening = evening_of(client, guild, short, tmp_path, manners=replace(BRISK, vamp_s=0.5, waits_s=1.5))
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    evening.wants(short, ana.id)(1)
    await settled(lambda: evening.cards["one"].refused)
    assert evening.cards["one"].refused == ["booth_waited"]
    await evening.booths.close()


@pytest.mark.slow
async def test_a_tale_that_breaks_off_is_told_as_far_as_it_came(
    evening: Evening, guild: Neighbourhood, short: Made
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    evening.wants(short, ana.id)(3)
    evening.booth.hear("one", Failed("writer_failed", {}))
    await settled(lambda: not evening.booth.busy)
    assert evening.cards["one"].heard_s[-1] > 3


async def test_a_tale_that_is_cancelled_falls_silent(evening: Evening, guild: Neighbourhood, long: Made) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    evening.wants(long, ana.id)(6)
    await evening.telling("one")
    evening.booth.hear("one", Stopped())
    await settled(lambda: not evening.booth.busy)
    assert evening.cards["one"].heard_s[-1] < 8


async def test_muted_in_the_middle_it_waits_and_tells_the_line_again(
    evening: Evening, guild: Neighbourhood, double: LoopbackDiscord, long: Made
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    evening.wants(long, ana.id)(ALL)
    await evening.telling("one")
    guild.owner.silences(double.bot)
    await settled(lambda: evening.booth.now.doing is Doing.SILENCED)
    guild.owner.silences(double.bot, mute=False)
    await settled(lambda: evening.booth.now.doing is Doing.TELLING)
    assert evening.cards["one"].refused == []


async def test_a_tale_waits_for_a_listener_who_comes_back(evening: Evening, guild: Neighbourhood, long: Made) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    evening.wants(long, ana.id)(ALL)
    await evening.telling("one")
    await ana.leaves()
    await settled(lambda: evening.booth.now.doing is Doing.PAUSED)
    there_s = evening.booth.now.at_s
    await ana.joins(guild.voice)
    await settled(lambda: evening.booth.now.doing is Doing.TELLING)
    await settled(lambda: evening.booth.now.at_s > there_s + 0.5)
    assert evening.cards["one"].refused == []


async def test_alone_for_long_it_leaves_and_says_so(
    evening: Evening, guild: Neighbourhood, double: LoopbackDiscord, long: Made
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    evening.wants(long, ana.id)(ALL)
    await evening.telling("one")
    await ana.leaves()
    await settled(lambda: not evening.booth.busy)
    assert evening.cards["one"].refused == ["booth_alone"]
    assert guild.me(double.bot).voice is None


async def test_a_broken_call_is_mended_and_the_line_told_again(
    evening: Evening, guild: Neighbourhood, double: LoopbackDiscord, long: Made
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    evening.wants(long, ana.id, begin_at=14 * RATE_HZ)(ALL)
    await settled(lambda: evening.booth.now.at_s > 14.5)
    guild.seat_of(double.bot).close(Close.CRASHED)
    await settled(lambda: evening.booth.now.doing is Doing.MENDING)
    await settled(lambda: evening.booth.now.doing is Doing.TELLING)
    assert evening.call.health is Health.WELL
    await ana.locked()
    await sounds_for(ana, 0.5)
    assert evening.cards["one"].refused == []


@pytest.mark.slow
async def test_put_out_of_the_channel_it_stops_the_whole_line(
    evening: Evening, guild: Neighbourhood, double: LoopbackDiscord, long: Made, short: Made
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    evening.wants(long, ana.id)(ALL)
    evening.wants(short, ana.id, "two")(ALL)
    await evening.telling("one")
    guild.owner.moves(double.bot, None)
    await settled(lambda: not evening.booth.busy)
    assert [card.refused for card in evening.cards.values()] == [["booth_put_out"]] * 2
    assert guild.me(double.bot).voice is None


async def test_a_sound_that_is_gone_is_said(
    evening: Evening, guild: Neighbourhood, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("lost")
    lost = made(folder, lengths_s=(2.0,))
    for each in folder.rglob("*.wav"):
        each.unlink()
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    evening.wants(lost, ana.id)(ALL)
    await settled(lambda: evening.cards["one"].refused)
    assert evening.cards["one"].refused == ["artifact_gone"]


async def test_after_a_restart_it_goes_on_at_the_line(
    client: discord.Client, guild: Neighbourhood, long: Made, tmp_path: Path
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    before = evening_of(client, guild, long, tmp_path)
    kept = _kept(ana.id, guild)
    before.booths.began(kept, object(), str(guild.voice.id))
    for event in long.events:
        before.booths.heard(kept, event)
    await settled(lambda: before.booth.now.at_s > 2.5)
    await before.booths.close()
    after = evening_of(client, guild, long, tmp_path)
    after.booths.began(kept, object(), "")
    for event in long.events:
        after.booths.heard(kept, event)
    await settled(lambda: after.booth.now.at_s > 0)
    assert 2.2 <= after.booth.now.at_s < 6
    await after.booths.close()


def _kept(member: int, guild: Neighbourhood) -> KeptTale:
    return KeptTale("one", str(guild.id), str(guild.text.id), str(member), Prompt("a night", 7))
