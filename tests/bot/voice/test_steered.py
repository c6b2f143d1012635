"""Listeners steer, managers decide."""

from __future__ import annotations

import asyncio
from pathlib import Path

import discord
import pytest

from bot.library.records import Music, ServerSettings
from bot.voice.player.status import Doing
from bot.voice.player.vote_skip import By, PlayerAction
from pipeline.audio.sum import Gains
from pipeline.errors import Refused
from pipeline.words.sound import RATE_HZ
from tests.bot.voice.calling import settled
from tests.bot.voice.telling import Evening, evening_of
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.neighbourhood import Neighbourhood
from tests.pipeline.audio.making import Made

ALL = 99
"""Every event of a tale."""


async def test_listeners_pause_and_go_back_the_asker_skips_and_others_vote(
    evening: Evening, guild: Neighbourhood, long: Made, short: Made
) -> None:
    ana, rui, eva = (guild.member(name) for name in ("Ana", "Rui", "Eva"))
    for each in (ana, rui, eva):
        await each.joins(guild.voice)
    evening.wants(long, ana.id)(ALL)
    evening.wants(short, ana.id, "two")(ALL)
    await evening.telling("one")
    booth = evening.booth
    assert booth.wish(PlayerAction.PAUSE, By(rui.id)).carried
    await settled(lambda: booth.now.doing is Doing.PAUSED)
    assert booth.wish(PlayerAction.GO_ON, By(eva.id)).carried
    await settled(lambda: booth.now.doing is Doing.TELLING)
    vote = booth.wish(PlayerAction.SKIP, By(rui.id))
    assert (vote.have, vote.need, vote.carried) == (1, 2, False)
    assert not booth.wish(PlayerAction.SKIP, By(rui.id)).carried  # nobody votes twice
    with pytest.raises(Refused) as refused:
        booth.wish(PlayerAction.PAUSE, By(12345))
    assert refused.value.code == "booth_not_listening"
    assert booth.wish(PlayerAction.SKIP, By(eva.id)).carried
    await evening.telling("two")
    assert booth.wish(PlayerAction.STOP, By(ana.id)).carried
    await settled(lambda: not booth.busy)


async def test_back_replay_and_volume(evening: Evening, guild: Neighbourhood, long: Made) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    evening.wants(long, ana.id, begin_at=30 * RATE_HZ)(ALL)
    await settled(lambda: evening.booth.now.at_s > 30)
    evening.booth.wish(PlayerAction.BACK, By(ana.id))
    await settled(lambda: 14 < evening.booth.now.at_s < 20)
    evening.booth.wish(PlayerAction.REPLAY, By(ana.id))
    await settled(lambda: evening.booth.now.at_s < 5)
    evening.booth.wish(PlayerAction.VOLUME, By(ana.id), Gains(voice=0.0, music=0.0))
    await asyncio.sleep(0.5)
    heard = await ana.hears(0.6)
    assert abs(heard.sound).max() < 0.001


async def test_the_servers_music_level_is_kept(
    client: discord.Client, guild: Neighbourhood, short: Made, tmp_path: Path
) -> None:
    evening = evening_of(client, guild, short, tmp_path, ServerSettings(music=Music.OFF))
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    evening.wants(short, ana.id)(1)  # an intro of music alone
    await evening.telling("one")
    assert abs((await ana.hears(0.6)).sound).max() < 0.001
    await evening.booths.close()


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        (ServerSettings(voice_allowed=False), "booth_never"),
        (ServerSettings(words_only=True), "booth_never"),
        (ServerSettings(quiet_from="00:00", quiet_to="23:59:59"), "booth_quiet"),
    ],
)
async def test_the_servers_rules_are_asked_before_it_enters(
    client: discord.Client,
    double: LoopbackDiscord,
    guild: Neighbourhood,
    short: Made,
    tmp_path: Path,
    rules: ServerSettings,
    code: str,
) -> None:
    evening = evening_of(client, guild, short, tmp_path, rules)
    evening.wants(short, 1)(ALL)
    await settled(lambda: evening.cards["one"].refused)
    assert evening.cards["one"].refused == [code]
    assert guild.me(double.bot).voice is None
    await evening.booths.close()
