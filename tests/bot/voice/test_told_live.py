"""A live tale, from command to ear."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.client import TaleBot
from bot.voice.player.player import Booth
from bot.voice.player.status import Doing
from pipeline.words.sound import RATE_HZ
from tests.bot.scene import Scene, on_stage
from tests.bot.voice.calling import settled
from tests.discord_double.members.person import Person

SLOW = {"passages": 6, "seconds": 2.0, "step_s": 0.4}
LONG = {"passages": 12, "seconds": 2.0, "step_s": 0.02}


async def test_a_member_in_voice_hears_what_they_ask_for(tmp_path: Path) -> None:
    async with on_stage(tmp_path, troupe={"passages": 4, "seconds": 1.0}) as scene, scene.running() as bot:
        ana = await _sitting(scene)
        await ana.tale("a keeper")
        booth = _booth(scene, bot)
        await settled(lambda: booth.turn is not None and booth.turn.mouth is not None)
        assert booth.turn is not None
        mouth = booth.turn.mouth
        assert mouth is not None
        await settled(lambda: mouth.over and not bot.services.teller.open, within_s=200)
        heard, held_s = ana.heard(), sum(hold.samples for hold in mouth.holds) / RATE_HZ
        assert 3.5 < heard.speech_s - held_s < 12, "beside the music that a slow machine bridges its waits with"
        assert heard.missing == 0
        assert scene.guild.hall.room(scene.guild.voice).violations == []


@pytest.mark.slow
async def test_the_board_shows_the_line_and_its_buttons_work(tmp_path: Path) -> None:
    async with on_stage(tmp_path, troupe=LONG) as scene, scene.running() as bot:
        ana = await _sitting(scene)
        await ana.tale("a keeper")
        booth = _booth(scene, bot)
        await settled(lambda: booth.now.doing is Doing.TELLING)
        shown = await ana.sees("The Keeper and the Storm", within_s=30, in_=scene.guild.voice)
        ana.opens(scene.guild.voice)
        await (await ana.press("Pause", on=shown)).done()
        await settled(lambda: booth.now.doing is Doing.PAUSED)
        await shown.until(lambda seen: "Go on" in [one.label for one in seen.buttons], within_s=30)
        await (await ana.press("Go on", on=shown)).done()
        await settled(lambda: booth.now.doing is Doing.TELLING)
        told = await ana.press("Stop", on=shown)
        assert "Stopped" in (await told.done()).text
        await settled(lambda: not booth.busy and shown.deleted)


@pytest.mark.slow
async def test_an_executor_that_dies_in_the_middle_of_a_line_is_waited_for(tmp_path: Path) -> None:
    async with on_stage(tmp_path, troupe=SLOW) as scene, scene.running() as bot:
        ana = await _sitting(scene)
        await ana.tale("a keeper")
        booth = _booth(scene, bot)
        await settled(lambda: booth.now.doing is Doing.TELLING)
        scene.stage.close()  # killed, as a machine kills
        await settled(lambda: booth.now.doing is Doing.WAITING)
        scene.executor(troupe=SLOW)
        await settled(lambda: booth.now.at_s > 11, within_s=90)
        heard = ana.heard()
        assert heard.missing == 0
        assert heard.speech_s > 11
        assert scene.guild.hall.room(scene.guild.voice).violations == []


@pytest.mark.slow
async def test_a_bot_that_is_restarted_goes_on_at_the_line(tmp_path: Path) -> None:
    async with on_stage(tmp_path, troupe=LONG) as scene:
        ana = await _sitting(scene)
        async with scene.running() as bot:
            await ana.tale("a keeper")
            booth = _booth(scene, bot)
            await settled(lambda: booth.now.at_s > 6)
        async with scene.running() as bot:
            booth = _booth(scene, bot)
            await settled(lambda: booth.now.at_s > 0)
            assert booth.now.at_s >= 4
            assert (await ana.hears_out(quiet_s=1.5, within_s=60)).speech_s > 10


@pytest.mark.slow
async def test_a_full_channel_is_said_in_the_card_and_the_tale_comes_as_a_file(tmp_path: Path) -> None:
    async with on_stage(tmp_path, troupe=SLOW) as scene:
        scene.guild.voice.user_limit = 1
        ana = await _sitting(scene)
        async with scene.running():
            told = await ana.tale("a keeper")
            await told.shown.until(lambda seen: "Fireside is full" in seen.text, within_s=60)
            await told.shown.until(lambda seen: seen.files, within_s=60)


@pytest.mark.slow
async def test_a_tale_is_played_again_by_command_and_by_its_button(tmp_path: Path) -> None:
    async with on_stage(tmp_path, troupe={"passages": 2, "seconds": 1.0}) as scene, scene.running() as bot:
        ana = scene.guild.member("Ana")
        told = await ana.tale("a keeper")
        await told.shown.until(lambda seen: seen.files, within_s=60)
        await settled(lambda: bot.services.teller.open == 0)
        refused = await ana.slash("play")
        assert "Join a voice channel first" in (await refused.done()).text
        await ana.joins(scene.guild.voice)
        lined_up = await ana.slash("play", tale="keeper")
        assert "The Keeper and the Storm" in (await lined_up.done()).text
        assert (await ana.hears_out(quiet_s=1.0, within_s=60)).speech_s > 1.5
        booth = _booth(scene, bot)
        await settled(lambda: booth.now.doing is Doing.NOTHING)


async def _sitting(scene: Scene) -> Person:
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    return ana


def _booth(scene: Scene, bot: TaleBot) -> Booth:
    return bot.services.booths.of(scene.guild.id)
