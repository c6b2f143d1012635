"""Sounds that vanish while they play."""

from __future__ import annotations

from pathlib import Path

import discord

from bot.client import TaleBot
from bot.voice.player.player import Booth
from pipeline.words.sound import RATE_HZ
from tests.bot.scene import Scene, on_stage
from tests.bot.voice.calling import settled, sounds_for
from tests.bot.voice.telling import Card, evening_of
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.members.person import Person
from tests.discord_double.neighbourhood import Neighbourhood
from tests.pipeline.audio.making import made

ALL = 99
BUSY_S = 120.0
"""Two whole tales, told, encoded and played, where a machine has much else to do."""
LONG = {"passages": 12, "seconds": 2.0, "step_s": 0.0}


async def test_a_tale_whose_sound_is_gone_is_said_to_be_and_another_server_goes_on(
    double: LoopbackDiscord, client: discord.Client, guild: Neighbourhood, tmp_path: Path
) -> None:
    gone, kept = (made(tmp_path / name, lengths_s=(6.0,) * 5) for name in ("gone", "kept"))
    second = double.guild("Elsewhere")
    evening, other = evening_of(client, guild, gone, tmp_path), evening_of(client, second, kept, tmp_path / "other")
    other.booths = evening.booths  # one bot, one worker
    ana, ben = guild.member("Ana"), second.member("Ben")
    await ana.joins(guild.voice)
    await ben.joins(second.voice)
    evening.wants(gone, ana.id)(ALL)
    await evening.telling("one")
    for stem in (tmp_path / "gone").rglob("*.wav"):
        stem.unlink()
    await settled(lambda: evening.cards["one"].refused)
    assert evening.cards["one"].refused == ["artifact_gone"]
    other.wants(kept, ben.id, "two")(ALL)
    await other.telling("two")
    await sounds_for(ben, 3.0)
    assert other.cards["two"].refused == []
    await evening.booths.close()


async def test_a_passage_that_is_gone_is_said_to_be_and_the_next_one_is_heard(
    double: LoopbackDiscord, client: discord.Client, guild: Neighbourhood, tmp_path: Path
) -> None:
    tale = made(tmp_path / "gone", lengths_s=(2.0, 6.0, 6.0, 6.0))
    evening, ana = evening_of(client, guild, tale, tmp_path), guild.member("Ana")
    lost, after = tale.timeline.placed[3:5]
    assert lost.spoken is not None
    for stem in (lost.scored.bed, lost.spoken.voice):
        tale.path_of(stem).unlink()
    await ana.joins(guild.voice)
    evening.wants(tale, ana.id)(ALL)
    await settled(lambda: evening.booths.of(guild.id).now.at_s > after.start / RATE_HZ, within_s=30)
    await sounds_for(ana, 1.0)
    assert evening.cards["one"].refused == ["artifact_gone"]
    await evening.booths.close()


async def test_a_tale_that_is_deleted_while_it_sounds_falls_silent_and_another_server_hears_its_own(
    tmp_path: Path,
) -> None:
    async with on_stage(tmp_path, troupe=LONG) as scene, scene.running() as bot:
        second = scene.double.guild("Elsewhere")
        ana, ben = scene.guild.member("Ana"), second.member("Ben")
        for one in (ana, ben):
            await _has_a_tale(one, bot)
        await ana.joins(scene.guild.voice)
        await ben.joins(second.voice)
        await (await ana.slash("play", tale="keeper")).done()
        await settled(lambda: _booth(scene, bot).now.at_s > 1, BUSY_S)
        playing = _booth(scene, bot).turn
        assert playing is not None
        card = Card()
        object.__setattr__(playing.tale, "follow", card)
        await bot.services.privacy.erase_tales(await bot.services.library.tales.asked_by(str(ana.id)))
        assert _booth(scene, bot).turn is None, "it was told to fall silent before its sounds went"
        await (await ben.slash("play", tale="keeper")).done()
        await settled(lambda: bot.services.booths.of(second.id).now.at_s > 1, BUSY_S)
        await sounds_for(ben, 3.0)
        assert card.refused == []


async def _has_a_tale(who: Person, bot: TaleBot) -> None:
    told = await who.tale("a keeper", where="upload")
    await told.shown.until(lambda seen: seen.files, within_s=BUSY_S)
    await settled(lambda: bot.services.teller.open == 0, BUSY_S)


def _booth(scene: Scene, bot: TaleBot) -> Booth:
    return bot.services.booths.of(scene.guild.id)
