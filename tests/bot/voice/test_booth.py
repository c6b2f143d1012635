"""An evening of tales."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import discord
import pytest

from bot.library.kept import KeptTale, Music, ServerSettings
from bot.voice.call import Health
from bot.voice.now import Doing
from bot.voice.rights import By, Verb
from pipeline.audio.sum import Gains
from pipeline.errors import Refused
from pipeline.words.event import Failed, Stopped
from pipeline.words.prompt import Prompt
from pipeline.words.sound import RATE_HZ
from tests.bot.voice.calling import settled
from tests.bot.voice.telling import BRISK, Evening, evening_of
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.voice.opcodes import Close
from tests.pipeline.audio.making import Made, made

ALL = 99
"""Every event of a tale."""


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Four seconds."""
    return made(tmp_path_factory.mktemp("stems"), lengths_s=(2.0,), tail_s=0.5, vamp_s=2.0)


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A minute, in passages of eight seconds."""
    return made(tmp_path_factory.mktemp("stems"), lengths_s=(8.0,) * 7)


@pytest.fixture
async def evening(client: discord.Client, guild: Neighbourhood, short: Made, tmp_path: Path) -> AsyncIterator[Evening]:
    """A booth that nothing was asked of yet."""
    fresh = evening_of(client, guild, short, tmp_path)
    yield fresh
    await fresh.booths.close()


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
    assert booth.wish(Verb.PAUSE, By(rui.id)).carried
    await settled(lambda: booth.now.doing is Doing.PAUSED)
    assert booth.wish(Verb.GO_ON, By(eva.id)).carried
    await settled(lambda: booth.now.doing is Doing.TELLING)
    vote = booth.wish(Verb.SKIP, By(rui.id))
    assert (vote.have, vote.need, vote.carried) == (1, 2, False)
    assert not booth.wish(Verb.SKIP, By(rui.id)).carried  # nobody votes twice
    with pytest.raises(Refused) as refused:
        booth.wish(Verb.PAUSE, By(12345))
    assert refused.value.code == "booth_not_listening"
    assert booth.wish(Verb.SKIP, By(eva.id)).carried
    await evening.telling("two")
    assert booth.wish(Verb.STOP, By(ana.id)).carried
    await settled(lambda: not booth.busy)


async def test_back_replay_and_volume(evening: Evening, guild: Neighbourhood, long: Made) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    evening.wants(long, ana.id, begin_at=30 * RATE_HZ)(ALL)
    await settled(lambda: evening.booth.now.at_s > 30)
    evening.booth.wish(Verb.BACK, By(ana.id))
    await settled(lambda: 14 < evening.booth.now.at_s < 20)
    evening.booth.wish(Verb.REPLAY, By(ana.id))
    await settled(lambda: evening.booth.now.at_s < 5)
    evening.booth.wish(Verb.VOLUME, By(ana.id), Gains(voice=0.0, music=0.0))
    await asyncio.sleep(0.5)
    heard = await ana.hears(0.6)
    assert abs(heard.sound).max() < 0.001


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
    assert (await ana.hears(1.0)).speech_s > 0.5
    assert evening.cards["one"].refused == []


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


def _kept(member: int, guild: Neighbourhood) -> KeptTale:
    return KeptTale("one", str(guild.id), str(guild.text.id), str(member), Prompt("a night", 7))
