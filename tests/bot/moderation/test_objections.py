"""Whoever objects is heard with one press."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.gate.mention_marks import mark_of
from tests.bot.scene import Scene, on_stage
from tests.discord_double.members.person import Person
from tests.discord_double.members.shown import Shown
from tests.faults.stage import eventually

WITHIN_S = 60.0


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with on_stage(tmp_path, works=False) as made:
        yield made


async def a_tale(ana: Person, wish: str) -> Shown:
    """Told, with its buttons."""
    told = await ana.tale(wish)
    return await told.shown.until(lambda seen: seen.files, within_s=WITHIN_S)


async def test_who_is_mentioned_takes_a_tale_away_and_nobody_else_may(scene: Scene) -> None:
    scene.executor(troupe={"step_s": 0.0, "passages": 2, "seconds": 0.3})
    async with scene.running() as bot:
        ana, ben, eve = (scene.guild.member(name) for name in ("Ana", "Ben", "Eve"))
        tale = await a_tale(ana, f"<@{ben.id}> and a storm")
        [kept] = await bot.services.library.tales.asked_by(str(ana.id))
        assert kept.delivery.named == (mark_of(kept.id, str(ben.id)),)
        assert str(ben.id) not in repr(kept)
        await (await eve.press("It names me", tale)).until(lambda one: "Only a member mentioned" in one.text)
        await (await ben.press("It names me", tale)).until(lambda one: "It is gone" in one.text)
        assert tale.deleted
        assert await bot.services.library.tales.get(kept.id) is None


async def test_a_report_reaches_the_managers_with_a_link(scene: Scene) -> None:
    scene.executor(troupe={"step_s": 0.0, "passages": 2, "seconds": 0.3})
    async with scene.running() as bot:
        tale = await a_tale(scene.guild.member("Ana"), "a fox")
        assert "It names me" not in [one.label for one in tale.buttons]
        ben = scene.guild.member("Ben")
        await (await ben.press("Report", tale)).until(lambda one: "keeps no log" in one.text)
        await bot.services.library.servers.change(str(scene.guild.id), mod_log=str(scene.guild.text.id))
        await (await ben.press("Report", tale)).until(lambda one: "will see it" in one.text)
        await scene.guild.owner.sees(f"/{scene.guild.text.id}/{tale.id}")


async def test_a_manager_stops_everything_at_once(scene: Scene) -> None:
    scene.executor(troupe={"step_s": 0.5})
    async with scene.running() as bot:
        for wish in ("a fox", "a crow"):
            await (await scene.guild.member("Ana").tale(wish)).done()
        reply = await scene.guild.owner.slash("stop-all")
        await reply.until(lambda one: "2 tales" in one.text)
        await eventually(lambda: not bot.services.teller.open, within_s=WITHIN_S)
        assert not await bot.services.library.tales.open_ones()
