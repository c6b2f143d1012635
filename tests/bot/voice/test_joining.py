"""When the bot comes into a channel."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import discord

from bot.library.records import KeptTale
from bot.voice.player.buffering import Machine
from bot.voice.player.status import Doing
from pipeline.words.event import Done, Felt, Queued
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Prompt
from pipeline.words.sound import Artifact
from tests.bot.voice.calling import settled
from tests.bot.voice.telling import Evening, evening_of
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.neighbourhood import Neighbourhood
from tests.pipeline.audio.making import Made

ALL = 99
"""Every event of a tale."""
FELT = Felt(Feeling(Mood.pure(Emotion.JOY)))


async def test_what_nothing_stands_before_is_come_for_at_once(
    evening: Evening, guild: Neighbourhood, double: LoopbackDiscord, short: Made
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    come = evening.wants(short, ana.id, at_once=True)
    await settled(lambda: guild.me(double.bot).voice is not None)
    come(ALL)
    await settled(lambda: evening.cards["one"].heard_s[-1:] > [3.0])
    assert evening.cards["one"].refused == []


async def test_nobody_sits_silent_while_the_weights_are_on_their_way(
    client: discord.Client, double: LoopbackDiscord, guild: Neighbourhood, short: Made, tmp_path: Path
) -> None:
    here = asyncio.Event()

    async def able() -> bool:
        return here.is_set()

    evening = evening_of(client, guild, short, tmp_path, able=able)
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    come = evening.wants(short, ana.id, at_once=True)
    await asyncio.sleep(0.3)
    assert guild.me(double.bot).voice is None
    here.set()
    come(ALL)
    await settled(lambda: guild.me(double.bot).voice is not None)


async def test_what_waits_is_come_for_once_it_is_begun(
    evening: Evening, guild: Neighbourhood, double: LoopbackDiscord, short: Made
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    evening.wants(short, ana.id)
    evening.booth.hear("one", Queued(3))
    await asyncio.sleep(0.3)
    assert guild.me(double.bot).voice is None
    evening.booth.hear("one", FELT)
    await settled(lambda: guild.me(double.bot).voice is not None)


async def test_only_a_tale_that_is_alone_is_come_for_at_once(
    evening: Evening, guild: Neighbourhood, double: LoopbackDiscord
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    first, second = (_kept(name, ana.id, guild) for name in ("one", "two"))
    evening.booths.began(first, object(), "")  # a file alone
    evening.booths.began(second, object(), str(guild.voice.id))
    await asyncio.sleep(0.3)
    assert guild.me(double.bot).voice is None
    for each in (first, second):
        evening.booths.ended(each)
    evening.booths.began(_kept("three", ana.id, guild), object(), str(guild.voice.id))
    evening.booth.silence()
    evening.booths.began(_kept("four", ana.id, guild), object(), str(guild.voice.id))
    assert evening.booth.turn is not None
    assert evening.booth.turn.tale.at_once is False


async def test_words_alone_are_nothing_to_come_for(
    evening: Evening, guild: Neighbourhood, double: LoopbackDiscord
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    silent = replace(_kept("one", ana.id, guild), prompt=Prompt("a night", 7, words_only=True))
    evening.booths.began(silent, object(), str(guild.voice.id))
    assert evening.booth.turn is None
    kept = _kept("two", ana.id, guild)
    evening.booths.began(kept, object(), str(guild.voice.id))
    evening.booths.heard(kept, Done(Artifact("0" * 64, ".json", 0)))  # nothing of it ever sounded
    await settled(lambda: not evening.booth.busy)
    assert guild.me(double.bot).voice is None


async def test_put_out_before_the_first_sound_it_does_not_come_back(
    evening: Evening, guild: Neighbourhood, double: LoopbackDiscord, short: Made
) -> None:
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    come = evening.wants(short, ana.id, at_once=True)
    await settled(lambda: evening.call.room is not None)
    guild.owner.moves(double.bot, None)
    await settled(lambda: evening.cards["one"].refused)
    come(ALL)
    assert evening.cards["one"].refused == ["booth_put_out"]
    assert guild.me(double.bot).voice is None


async def test_where_tales_are_made_slowly_it_says_for_how_long_it_gathers(
    client: discord.Client, double: LoopbackDiscord, guild: Neighbourhood, short: Made, tmp_path: Path
) -> None:
    machine = Machine(ratio=1.5, first_line_s=0.5)
    evening = evening_of(client, guild, short, tmp_path, machine=machine)
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    kept = _kept("one", ana.id, guild)
    evening.booths.began(kept, object(), str(guild.voice.id))
    evening.booths.heard(kept, short.events[0])
    await settled(lambda: evening.booth.now.doing is Doing.GATHERING)
    wait_s = evening.booth.now.wait_s
    assert wait_s > 10
    await ana.sees(f"Begins in about {round(wait_s)} s", within_s=30, in_=guild.voice)
    assert guild.me(double.bot).voice is None
    for event in short.events[1:]:
        evening.booths.heard(kept, event)  # then all of it is there: nothing can interrupt it any more
    await evening.telling("one")
    await evening.booths.close()


def _kept(name: str, member: int, guild: Neighbourhood) -> KeptTale:
    return KeptTale(name, str(guild.id), str(guild.text.id), str(member), Prompt("a night", 7))
