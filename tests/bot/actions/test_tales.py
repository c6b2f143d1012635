"""Tales are found again by their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.client import TaleBot
from bot.library.records import DeliveryOptions, KeptTale, Viewer
from bot.voice.player.status import Doing
from tests.bot.library.samples import told, wished
from tests.bot.scene import Scene, on_stage
from tests.discord_double.people import Kind
from tests.discord_double.permissions import May


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with on_stage(tmp_path, works=False) as made:
        yield made


async def test_a_tale_is_listed_found_and_opened_with_its_buttons(scene: Scene) -> None:
    ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
    async with scene.running() as bot:
        tale = await _kept(scene, bot, told(member=str(ana.id)))
        mine = await ana.slash("tales")
        assert mine.shown.ephemeral
        assert "The Lamp" in mine.shown.text
        assert "You have no tales" in (await ben.slash("tales")).text
        found = await ben.slash("tales", search="AGUA")
        assert "The Lamp" in found.text
        opened = await ben.choose("The Lamp", on=found.shown, menu="tales:open")
        seen = await opened.done()
        assert "Água rose. The keeper lit the lamp." in seen.text
        assert seen.ephemeral
        assert f"echo:heart:{tale.id}" in {button.custom_id for button in seen.buttons}


async def test_nobody_sees_a_tale_of_a_channel_they_cannot_see(scene: Scene) -> None:
    ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
    secret = scene.guild.channel(Kind.TEXT, "secret")
    scene.guild.owner.forbids(ben.user, secret, May.VIEW_CHANNEL)
    async with scene.running() as bot:
        await _kept(scene, bot, told(member=str(ana.id), channel=str(secret.id), title="Hidden"))
        await _kept(scene, bot, told(member=str(ana.id), title="Whispered", delivery=DeliveryOptions(only_me=True)))
        await _kept(scene, bot, told(member=str(ana.id), title="Elsewhere", server="99"))
        for who, sees in ((ben, False), (scene.guild.owner, True)):
            listed = await who.slash("tales")
            await who.press("This server's", on=listed.shown)
            assert ("Hidden" in listed.shown.text) == sees
            assert "Whispered" not in listed.shown.text
            assert "Elsewhere" not in listed.shown.text
            assert ("Hidden" in (await who.slash("tales", search="hidden lamp")).text) == sees


async def test_a_list_turned_after_a_restart_goes_on(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    async with scene.running() as bot:
        for nth in range(7):
            await _kept(scene, bot, told(member=str(ana.id), title=f"Tale {nth}", finished_at=float(nth)))
        listed = await ana.slash("tales", search="lamp")
        assert "Tale 6" in listed.shown.text
        assert "Tale 1" not in listed.shown.text
    async with scene.running():
        await ana.press("Older", on=listed.shown)
        assert "Tale 1" in listed.shown.text
        assert "Tale 6" not in listed.shown.text
        await ana.press("Newer", on=listed.shown)
        assert "Tale 6" in listed.shown.text


async def test_a_second_page_of_ones_own_has_a_way_back(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    async with scene.running() as bot:
        for nth in range(7):
            await _kept(scene, bot, told(member=str(ana.id), title=f"Tale {nth}", finished_at=float(nth)))
        listed = await ana.slash("tales")
        await ana.press("Older", on=listed.shown)
        assert "Tale 1" in listed.shown.text
        await ana.press("Newer", on=listed.shown)
        assert "Tale 6" in listed.shown.text


async def test_what_waits_is_shown_without_what_others_wished(scene: Scene) -> None:
    ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
    async with scene.running() as bot:
        await _kept(scene, bot, wished(member=str(ana.id), asked_at=1_700_000_000.0))
        for who, sees in ((ana, True), (ben, False)):
            listed = await who.slash("tales")
            await who.press("Now and in line", on=listed.shown)
            assert f"<@{ana.id}>" in listed.shown.text
            assert ("a lighthouse" in listed.shown.text) == sees


async def test_what_sounds_in_a_call_is_named_to_who_sees_the_channel(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as scene:
        ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
        scene.guild.owner.forbids(ben.user, scene.guild.voice, May.VIEW_CHANNEL)
        async with scene.running() as bot:
            await ana.joins(scene.guild.voice)
            await ana.tale("a lighthouse")
            await _telling(scene, bot)
            for who, sees in ((ana, True), (ben, False)):
                listed = await who.slash("tales")
                await who.press("Now and in line", on=listed.shown)
                assert (f"Now in <#{scene.guild.voice.id}>" in listed.shown.text) == sees


async def test_an_open_tale_that_is_erased_meanwhile_is_said_to_be_gone(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    async with scene.running() as bot:
        tale = await _kept(scene, bot, told(member=str(ana.id)))
        listed = await ana.slash("tales")
        await bot.services.library.erasing.tales([tale.id])
        opened = await ana.choose("The Lamp", on=listed.shown, menu="tales:open")
        await opened.until(lambda reply: "no longer kept" in reply.text)


@pytest.mark.slow
async def test_a_tale_comes_as_one_page(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as scene, scene.running() as bot:
        ana = scene.guild.member("Ana")
        await ana.tale("a lighthouse")
        async with asyncio.timeout(60):
            while not (await bot.services.library.tales.of_member(Viewer(str(ana.id)))).tales:  # noqa: ASYNC110 - a row
                await asyncio.sleep(0.1)
        listed = await ana.slash("tales")
        opened = await ana.choose("The Keeper and the Storm", on=listed.shown, menu="tales:open")
        sent = await ana.press("Share", on=await opened.done())
        page = (await sent.done(60)).files[0]
        assert page.name == "the-keeper-and-the-storm.html"
        assert b"data:audio/ogg;base64," in page.data


async def _kept(scene: Scene, bot: TaleBot, tale: KeptTale) -> KeptTale:
    given = {"server": str(scene.guild.id), "channel": str(scene.guild.text.id)}
    plain = {name: value for name, value in given.items() if getattr(tale, name) in ("1", "10")}
    kept = KeptTale(**{**vars(tale), **plain})
    await bot.services.library.tales.add(kept)
    return kept


async def _telling(scene: Scene, bot: TaleBot) -> None:
    async with asyncio.timeout(60):
        while bot.services.booths.of(scene.guild.id).now.doing is not Doing.TELLING:  # noqa: ASYNC110 - a booth's state
            await asyncio.sleep(0.05)
