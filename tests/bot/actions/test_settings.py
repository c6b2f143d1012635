"""What managers decide holds."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.actions.owner_writer import TAKE, decide
from bot.actions.settings_parsing import written
from bot.actions.settings_schema import KNOBS, PAGES
from bot.client import TaleBot
from bot.library.records import Music, RoleShare, ServerSettings
from pipeline.errors import Refused, TaleError
from pipeline.places import STANDING, Places
from pipeline.settings import Settings
from pipeline.shelf.better_writer import wanted_writer
from pipeline.shelf.manifest import read_manifest
from pipeline.words.jsonable import to_json
from pipeline.words.prompt import Rating
from pipeline.words.standing import BetterWriter, ExecutorInfo
from tests.bot.scene import Scene, on_stage
from tests.discord_double.members.asking import NotOffered


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with on_stage(tmp_path, works=False) as made:
        yield made


async def test_a_manager_chooses_and_it_holds_after_a_restart(scene: Scene) -> None:
    boss = scene.guild.owner
    async with scene.running() as bot:
        reply = await boss.slash("settings")
        assert reply.shown.ephemeral
        assert "Roles that may ask: everybody" in reply.shown.text.replace("*", "")
        await boss.choose("The tale", on=reply.shown, menu="settings:page")
        await boss.choose("for everybody", on=reply.shown, menu="settings:tale:rating")
        assert (await _settings(scene, bot)).rating == Rating.ALL
    async with scene.running() as bot:
        await boss.choose("Voice channels and sound", on=reply.shown, menu="settings:page")
        await boss.choose("soft", on=reply.shown, menu="settings:sound:music")
        await boss.press("teach their voice", on=reply.shown)
        kept = await _settings(scene, bot)
        assert (kept.rating, kept.music, kept.cloning) == (Rating.ALL, Music.SOFT, True)
        assert "Members may teach their voice: yes" in reply.shown.text.replace("*", "")


async def test_a_form_that_does_not_fit_changes_nothing_and_says_why(scene: Scene) -> None:
    boss = scene.guild.owner
    async with scene.running() as bot:
        reply = await boss.slash("settings")
        await boss.choose("Limits and keeping", on=reply.shown, menu="settings:page")
        form = await boss.press("Change limits", on=reply.shown)
        told = await boss.submits(form, most_waiting="many")
        assert "from 1 to 20" in told.text
        assert await _settings(scene, bot) == ServerSettings()
        form = await boss.press("Change limits", on=reply.shown)
        await boss.submits(form, most_waiting="2", retention_days="30")
        kept = await _settings(scene, bot)
        assert (kept.most_waiting, kept.retention_days) == (2, 30)


async def test_a_role_gets_limits_of_its_own_and_loses_them_again(scene: Scene) -> None:
    boss, guests = scene.guild.owner, str(scene.guild.role("Guests", 0).id)
    async with scene.running() as bot:
        page = (await boss.slash("settings")).shown
        await boss.choose("Limits and keeping", on=page, menu="settings:page")
        form = await boss.choose(guests, on=page, menu="settings:limits:role_shares")
        assert "from 0 to 1000" in (await boss.submits(form, a_day="lots")).text
        assert not (await _settings(scene, bot)).role_shares
        form = await boss.choose(guests, on=page, menu="settings:limits:role_shares")
        await boss.submits(form, a_day="2", a_minute="")
        assert (await _settings(scene, bot)).role_shares == (RoleShare(guests, a_day=2),)
        await page.until(lambda seen: f"<@&{guests}>: 2 a day" in seen.text)
        form = await boss.choose(guests, on=page, menu="settings:limits:role_shares")
        await boss.submits(form, a_day="", a_minute="")
        assert not (await _settings(scene, bot)).role_shares


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("voice", "Fable", "bm_fable"), ("voice", "pf_dora", "pf_dora"), ("voice", "", ""), ("voice", "Nobody", None),
        ("timezone", "America/Bahia", "America/Bahia"), ("timezone", "", "UTC"), ("timezone", "America", None),
        ("timezone", "../../etc/passwd", None),
    ],
)  # fmt: skip
def test_a_narrator_and_a_time_zone_are_known_or_refused(name: str, text: str, kept: str | None) -> None:
    if kept is not None:
        assert written(name, text, "en") == kept
        return
    with pytest.raises(Refused):
        written(name, text, "en")


async def test_every_change_stands_in_the_mod_log_and_calls_nobody(scene: Scene) -> None:
    boss = scene.guild.owner
    async with scene.running() as bot:
        await bot.services.library.servers.change(str(scene.guild.id), mod_log=str(scene.guild.text.id))
        reply = await boss.slash("settings")
        await boss.choose("The tale", on=reply.shown, menu="settings:page")
        await boss.choose("for everybody", on=reply.shown, menu="settings:tale:rating")
        noted = [seen for seen in boss.screen() if "Highest rating" in seen.text and not seen.ephemeral]
        assert len(noted) == 1
        assert f"<@{boss.id}>" in noted[0].text


async def test_a_member_who_manages_nothing_is_not_offered_it(scene: Scene) -> None:
    async with scene.running():
        with pytest.raises(NotOffered):
            await scene.guild.member("Ana").slash("settings")


@pytest.mark.parametrize("locale", ["en-US", "pt-BR", "es-ES", "fr", "de"])
async def test_every_page_opens_in_every_language(scene: Scene, locale: str) -> None:
    boss = scene.guild.owner
    boss.user.locale = locale
    async with scene.running():
        reply = await boss.slash("settings")
        names = dict(reply.shown.menus[0].options)
        assert set(names.values()) == set(PAGES)
        for label in names:
            await boss.choose(label, on=reply.shown, menu="settings:page")
            assert label in reply.shown.text
            assert "settings." not in reply.shown.text


@pytest.fixture
def offered(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> BetterWriter:
    """What this machine's executor says could be had; offline, so that nothing is fetched."""
    monkeypatch.setenv("ECHOTALES_OFFLINE", "1")
    better = BetterWriter("qwen3-4b", 2_500_000_000, "Apache-2.0", 84.4)
    told = json.dumps(to_json(ExecutorInfo("embedded", better=better)))
    (scene.home / "state" / STANDING).write_text(told)
    return better


async def test_the_owner_of_the_bot_is_offered_a_better_writer_and_takes_it_by_one_press(
    scene: Scene, offered: BetterWriter
) -> None:
    boss = scene.guild.owner
    scene.double.bot.owner = boss.user
    async with scene.running() as bot:
        page = (await boss.slash("settings")).shown
        assert "qwen3-4b would write better tales" in page.text
        assert "2.5 GB, a tale in about 84 s here (Apache-2.0)" in page.text
        await boss.press("Fetch it in the background", on=page)
        await page.until(lambda seen: "qwen3-4b was taken up" in seen.text, within_s=60)
        assert wanted_writer(read_manifest(), Settings(), Places(scene.home / "cache", scene.home)) is not None
        assert "qwen3-4b" not in (await boss.slash("settings")).shown.text, "it is offered no more"
        await boss.press("Back to the writer before", on=page)
        await page.until(lambda seen: "would write better tales" in seen.text, within_s=60)
        assert await bot.services.writer.wanted() == ""
        await boss.press("Not this one", on=page)
        await page.until(lambda seen: "No better writer" in seen.text, within_s=60)
        assert "Roles that may ask" in (await boss.slash("settings")).shown.text


async def test_what_the_machine_refuses_is_told_to_the_owner(scene: Scene, offered: BetterWriter) -> None:
    boss = scene.guild.owner
    scene.double.bot.owner = boss.user
    told = json.dumps(to_json(ExecutorInfo("embedded", better=replace(offered, model="lfm2-2.6b"))))
    (scene.home / "state" / STANDING).write_text(told)
    async with scene.running() as bot:
        page = (await boss.slash("settings")).shown
        refused = await boss.press("Fetch it in the background", on=page)
        await refused.until(lambda reply: "ECHOTALES_ACCEPT" in reply.text, within_s=60)
        assert await bot.services.writer.wanted() == ""


async def test_a_manager_who_does_not_own_the_bot_changes_no_weights_on_its_machine(
    scene: Scene, offered: BetterWriter
) -> None:
    boss = scene.guild.owner
    async with scene.running() as bot:
        page = (await boss.slash("settings")).shown
        assert "qwen3-4b" not in page.text
        assert "The writer" not in dict(page.menus[0].options)
        with pytest.raises(TaleError, match="settings_owner_only"):
            await decide(cast(Any, SimpleNamespace(client=bot, user=boss.user)), TAKE)
        assert await bot.services.writer.wanted() == ""


BY_COMMAND = {"worlds", "feeds", "schedules"}
"""What /world, /news and /schedule change."""


def test_every_setting_can_be_turned_and_none_twice() -> None:
    turned = [name for names in PAGES.values() for name in names]
    assert sorted(turned) == sorted(KNOBS) == sorted({*vars(ServerSettings())} - BY_COMMAND)


async def _settings(scene: Scene, bot: TaleBot) -> ServerSettings:
    return await bot.services.library.servers.of(str(scene.guild.id))
