"""Members meet the gate, kindly and alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import discord
import pytest

from bot.client import TaleBot
from bot.library.records import KeptTale
from bot.moderation.story_review import Undoing
from bot.privacy.scan import traces
from bot.privacy.take_down import take_down
from tests.bot.moderation.wary import WARY
from tests.bot.scene import Scene, on_stage
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.members.asking import Attachment
from tests.discord_double.running import running
from tests.faults.stage import eventually

WITHIN_S = 60.0


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with on_stage(tmp_path, works=False) as made:
        yield made


async def test_typed_and_attached_words_pass_the_same_gate_and_managers_learn_why_not_what(scene: Scene) -> None:
    async with scene.running() as bot:
        await bot.services.library.servers.change(
            str(scene.guild.id), bad_words=("heron",), mod_log=str(scene.guild.text.id)
        )
        ana, boss = scene.guild.member("Ana"), scene.guild.owner
        for wish in ({"prompt": "a h3ron"}, {"file": Attachment("tale.txt", b"Once a h.e.r.o.n flew far away.")}):
            reply = await ana.slash("tale", **wish)
            await reply.until(lambda one: "does not want that" in one.text)
            assert reply.shown.deleted
            assert all(one.ephemeral for one in reply.followups)
        noted = await boss.sees("was refused in")
        assert "heron" not in noted.text
        await (await ana.tale("a fox")).done()
        await boss.sees("asked for a tale")
        assert len(await bot.services.library.tales.open_ones()) == 1


async def test_whoever_is_in_danger_gets_help_alone_and_nothing_is_kept(scene: Scene) -> None:
    async with scene.running() as bot:
        await bot.services.library.servers.change(str(scene.guild.id), mod_log=str(scene.guild.text.id))
        eva = scene.guild.member("Eva", locale="de")
        reply = await eva.tale("ich will sterben")
        await reply.until(lambda one: "0800 111 0 111" in one.text)
        assert all(one.ephemeral for one in reply.followups)
        assert not [seen for seen in scene.guild.owner.screen() if "Eva" in seen.text or str(eva.id) in seen.text]
        assert not await bot.services.library.tales.asked_by(str(eva.id))
        assert not any(one.row for one in await bot.services.door.keepsakes(str(eva.id)))


async def test_a_story_that_turns_out_unfit_is_told_to_nobody(scene: Scene) -> None:
    scene.executor()
    async with scene.running() as bot:
        log = str(scene.guild.text.id)
        await bot.services.library.servers.change(str(scene.guild.id), bad_words=("lamp",), mod_log=log)
        ana = scene.guild.member("Ana")
        told = await ana.tale("a light by the sea")
        await told.until(lambda one: "does not want that" in one.text, within_s=WITHIN_S)
        await eventually(lambda: not bot.services.teller.open, within_s=WITHIN_S)
        await _nobody_knows(bot, str(ana.id))
        await scene.guild.owner.sees("was refused in")
        assert not [seen for seen in scene.guild.owner.screen() if "keeper" in seen.text]


async def test_a_blocked_member_stays_blocked_after_erasing_themselves(scene: Scene) -> None:
    async with scene.running() as bot:
        ben = scene.guild.member("Ben")
        await bot.services.library.servers.change(str(scene.guild.id), blocked_members=(str(ben.id),))
        await bot.services.privacy.erase_member(str(ben.id))
        assert str(ben.id) not in (await bot.services.library.servers.of(str(scene.guild.id))).blocked_members
        await (await ben.tale("a fox")).until(lambda one: "do not let you ask" in one.text)


async def _nobody_knows(bot: TaleBot, member: str) -> None:
    async with asyncio.timeout(WITHIN_S):
        while await bot.services.library.tales.asked_by(member):  # noqa: ASYNC110 - the database rings no bell
            await asyncio.sleep(0.05)


async def test_danger_that_only_the_executor_reads_gets_help_alone_and_leaves_nothing(scene: Scene) -> None:
    scene.stage.executor(module=WARY)
    async with scene.running() as bot:
        await bot.services.library.servers.change(str(scene.guild.id), mod_log=str(scene.guild.text.id))
        eva = scene.guild.member("Eva", locale="pt-BR")
        told = await eva.tale("canary0815 não aguento mais")
        await told.until(lambda one: any("188 (CVV)" in each.text for each in one.followups), within_s=WITHIN_S)
        assert all(one.ephemeral for one in told.followups)
        await _nobody_knows(bot, str(eva.id))
        await eventually(lambda: told.shown.deleted, within_s=WITHIN_S)
        assert not await bot.services.door.keepsakes(str(eva.id))
        await eventually(lambda: traces(scene.home, "canary0815") == [], within_s=WITHIN_S)
        assert not [seen for seen in scene.guild.owner.screen() if "was refused" in seen.text or "CVV" in seen.text]


async def test_a_bot_that_dies_between_finding_danger_and_erasing_it_leaves_that_to_the_next(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(_self: Undoing, _tale: KeptTale) -> None:
        await asyncio.Event().wait()

    scene.stage.executor(module=WARY)
    with monkeypatch.context() as patched:
        patched.setattr(Undoing, "erase", dies)
        bot = scene.bot()
        async with killed(scene.double, bot):
            eva = scene.guild.member("Eva")
            await eva.tale("canary0815 não aguento mais")
            async with asyncio.timeout(WITHIN_S):
                while not await bot.services.library.tales.unfit():  # noqa: ASYNC110 - the database rings no bell
                    await asyncio.sleep(0.05)
    async with scene.running() as bot:
        await _nobody_knows(bot, str(eva.id))
        await eventually(lambda: traces(scene.home, "canary0815") == [], within_s=WITHIN_S)


@asynccontextmanager
async def killed(double: LoopbackDiscord, bot: TaleBot) -> AsyncIterator[TaleBot]:
    """A bot whose tasks end as they stand when the block does."""
    async with running(double, bot):
        yield bot
        for task in asyncio.all_tasks():
            if task.get_name() == "watch":
                task.cancel()


async def test_a_connection_that_is_cut_at_the_card_keeps_no_words(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    async def cut(client: discord.Client, tales: list[KeptTale]) -> int:
        tries.append(len(tales))
        if len(tries) < 2:
            raise aiohttp.ClientConnectionResetError("cut")
        return await take_down(client, tales)

    monkeypatch.setattr("bot.moderation.story_review.take_down", cut)
    scene.stage.executor(module=WARY)
    async with scene.running() as bot:
        eva = scene.guild.member("Eva")
        told = await eva.tale("canary0815 não aguento mais")
        await _nobody_knows(bot, str(eva.id))
        await eventually(lambda: traces(scene.home, "canary0815") == [], within_s=WITHIN_S)
        await eventually(lambda: told.shown.deleted, within_s=WITHIN_S)
        assert len(tries) == 2
