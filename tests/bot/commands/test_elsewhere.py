"""Tales in threads, elsewhere and in private."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.delivery import message_layout
from bot.library.records import TaleState, Where
from tests.bot.scene import Scene, on_stage
from tests.bot.troupe import QUICK, TEXTS
from tests.discord_double.people import Kind
from tests.faults.stage import eventually

WITHIN_S = 60.0
TITLE = "The Keeper and the Storm"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with on_stage(tmp_path, works=False) as scene:
        yield scene


async def test_a_tale_asked_in_a_thread_is_told_there(scene: Scene) -> None:
    world, guild = scene.double.world, scene.guild
    thread = world.room(guild.guild, Kind.PUBLIC_THREAD, "tonight", guild.text.id)
    thread.owner_id = guild.owner.id
    async with scene.running() as bot:
        ana = guild.member("Ana")
        await bot.services.library.servers.change(str(guild.id), channels=(str(guild.text.id),))
        ana.opens(thread)
        told = await ana.tale("a fox")
        await told.done()
        [kept] = await bot.services.library.tales.open_ones()
        assert kept.channel == str(thread.id)
        scene.executor(troupe=QUICK)
        await told.shown.until(lambda seen: TITLE in seen.text and seen.files, within_s=WITHIN_S)
        assert ana.screen(guild.text) == []


async def test_who_installed_it_is_told_a_tale_in_a_server_that_does_not_have_it(scene: Scene) -> None:
    stranger = scene.double.guild("Elsewhere")
    stranger.removes(scene.double.bot)
    async with scene.running() as bot:
        eve, ben = stranger.member("Eve"), stranger.member("Ben")
        eve.installs(scene.double.bot)
        told = await eve.tale("a fox")
        await told.done()
        [kept] = await bot.services.library.tales.open_ones()
        assert (kept.server, kept.channel, kept.delivery.where) == ("", str(stranger.text.id), Where.UPLOAD)
        scene.executor(troupe=QUICK)
        seen = await told.shown.until(lambda seen: TITLE in seen.text and seen.files, within_s=WITHIN_S)
        assert "Play here" not in [one.label for one in seen.buttons]
        assert TITLE in "".join(one.text for one in ben.screen())
        await eventually(lambda: not bot.services.teller.open, within_s=WITHIN_S)
        page = await (await eve.slash("tales")).done()
        assert TITLE in page.text


async def test_a_long_tale_opened_where_discord_takes_few_answers_comes_whole_as_a_file(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = scene.double.guild("Elsewhere")
    stranger.removes(scene.double.bot)
    scene.executor(troupe={"step_s": 0.0, "passages": 4, "seconds": 0.3})
    async with scene.running() as bot:
        eve = stranger.member("Eve")
        eve.installs(scene.double.bot)
        await (await eve.tale("a fox")).done()
        await eventually(lambda: not bot.services.teller.open, within_s=WITHIN_S)
        monkeypatch.setattr(message_layout, "PAGE_CHARS", 20)  # as if each sentence were pages long
        page = await (await eve.slash("tales")).done()
        opened = await eve.choose(TITLE, on=page)
        await opened.until(lambda seen: any(one.files for one in seen.followups), within_s=WITHIN_S)
        [file] = [file for one in opened.followups for file in one.files]
        assert file.name == "the-keeper-and-the-storm.txt"
        assert " ".join(file.data.decode().split()) == " ".join(TEXTS)


@pytest.mark.slow
async def test_a_slow_tale_finds_its_way_where_the_bot_may_not_write(scene: Scene) -> None:
    stranger = scene.double.guild("Elsewhere")
    stranger.removes(scene.double.bot)
    async with scene.running(clock=scene.double.clock.now_s) as bot:
        eve = stranger.member("Eve")
        eve.installs(scene.double.bot)
        await (await eve.tale("a fox")).done()
        scene.double.clock.advance(5 * 60)
        scene.executor(troupe=QUICK)
        await eventually(lambda: any(one.files for one in eve.screen()), within_s=WITHIN_S)
        [kept] = await bot.services.library.tales.every()
        await eventually(lambda: not bot.services.teller.open, within_s=WITHIN_S)
        assert (await bot.services.library.tales.get(kept.id) or kept).state is TaleState.DONE


@pytest.mark.slow
async def test_two_people_in_private_are_told_a_tale_by_the_one_who_has_it(scene: Scene) -> None:
    scene.executor(troupe=QUICK)
    async with scene.running():
        ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
        ana.installs(scene.double.bot)
        private = scene.double.world.conversation(ana.user, ben.user)
        ana.opens(private)
        told = await ana.tale("a fox")
        await told.shown.until(lambda seen: TITLE in seen.text and seen.files, within_s=WITHIN_S)
        assert [one for one in ben.screen(private) if one.files]
