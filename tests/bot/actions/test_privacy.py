"""One's own data, in one's own hands."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.library.records import Consent
from bot.privacy.scan import traces
from tests.bot.library.samples import told
from tests.bot.scene import Scene, on_stage
from tests.discord_double.members.person import Person


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with on_stage(tmp_path, works=False) as made:
        yield made


async def test_a_member_sees_what_is_kept_and_takes_it_along(scene: Scene) -> None:
    ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
    async with scene.running() as bot:
        await bot.services.library.tales.add(told(member=str(ana.id)))
        panel = await (await ana.slash("privacy")).done()
        assert panel.ephemeral
        assert "Tales, with your wishes: 1" in panel.text
        assert "Nothing is kept of you" in (await (await ben.slash("privacy")).done()).text
        sent = await (await ana.press("Take it with me", on=panel)).done()
        with zipfile.ZipFile(io.BytesIO(sent.files[0].data)) as archive:
            tales = json.loads(archive.read("library/tales.json"))
        assert [one["title"] for one in tales] == ["The Lamp"]


async def test_everything_goes_but_only_when_asked_twice(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    async with scene.running() as bot:
        library = bot.services.library
        posted = _posted(scene, ana)
        await library.tales.add(told(member=str(ana.id), delivered=(str(posted),), card_channel=str(ana.channel.id)))
        panel = await (await ana.slash("privacy")).done()
        await ana.press("Erase everything", on=panel)
        await ana.press("Back", on=panel)
        await panel.until(lambda seen: "Kept of you" in seen.text)
        assert await library.tales.asked_by(str(ana.id))
        await ana.press("Erase everything", on=panel)
        await ana.press("Erase for good", on=panel)
        await panel.until(lambda seen: "Erased everywhere, with 1 tales" in seen.text, within_s=20)
        assert await library.tales.asked_by(str(ana.id)) == []
        assert posted not in {seen.id for seen in ana.screen()}
        assert traces(scene.home, str(ana.id)) == []


async def test_what_is_being_told_stops_and_nobody_follows_it_any_more(tmp_path: Path) -> None:
    async with on_stage(tmp_path, troupe={"step_s": 2.0}) as scene, scene.running() as bot:
        ana = scene.guild.member("Ana")
        await ana.tale("a lighthouse")
        panel = await (await ana.slash("privacy")).done()
        await ana.press("Erase everything", on=panel)
        await ana.press("Erase for good", on=panel)
        await panel.until(lambda seen: "Erased everywhere" in seen.text, within_s=30)
        assert await bot.services.library.tales.open_ones() == []
        async with asyncio.timeout(10):
            while bot.services.teller._following:  # noqa: ASYNC110 - tasks end by themselves
                await asyncio.sleep(0.05)
        assert traces(scene.home, str(ana.id)) == []


async def test_a_consent_is_taken_back_where_it_is_shown(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    async with scene.running() as bot:
        consents = bot.services.library.consents
        await consents.give(str(ana.id), Consent.CLONE)
        await consents.give(str(ana.id), Consent.LISTEN, str(scene.guild.id))
        panel = await (await ana.slash("privacy")).done()
        await ana.choose("My voice learnt", on=panel, menu="privacy:withdraw")
        await panel.until(lambda seen: [one[1] for one in seen.menus[0].options] == ["listen"])
        assert not await consents.has(str(ana.id), Consent.CLONE)
        assert await consents.has(str(ana.id), Consent.LISTEN, str(scene.guild.id))


def _posted(scene: Scene, ana: Person) -> int:
    """A message of the bot's, as a delivered tale is one."""
    return scene.double.house.post.send(ana.channel, scene.double.bot.user, {"content": "The Lamp"}, ()).id
