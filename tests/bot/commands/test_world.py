"""What tales remember is seen and mended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.library.worlds import WorldOf
from pipeline.words.world import Known, Wording
from tests.bot.scene import Scene, on_stage
from tests.bot.troupe import QUICK
from tests.faults.stage import eventually

FOX = Known("Renske", gender="f", figure="small_animal", wordings={"en": Wording("a fox", sentence="Renske knocked.")})


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with on_stage(tmp_path, troupe=QUICK) as made:
        yield made


async def test_an_entry_is_seen_locked_unlocked_and_forgotten_and_strangers_may_only_look(scene: Scene) -> None:
    ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
    async with scene.running() as bot:
        worlds = bot.services.library.worlds
        await worlds.take_in(WorldOf(str(scene.guild.id)), str(ana.id), [FOX])
        listed = await ana.slash("world")
        assert "Renske" in listed.text
        await ana.choose("Renske", on=listed.shown, menu="world:s:open")
        assert "Renske knocked." in listed.shown.text
        assert "she" in listed.shown.text
        seen = await ben.slash("world")
        await ben.choose("Renske", on=seen.shown, menu="world:s:open")
        refused = await ben.press("Forget", on=seen.shown)
        assert "can change that" in refused.text
        await ana.press("Lock", on=listed.shown)
        await eventually(lambda: "🔒" in listed.shown.text, within_s=10.0)
        assert "is locked" in (await ana.press("Forget", on=listed.shown)).text
        [entry] = await worlds.entries(WorldOf(str(scene.guild.id)))
        assert entry.locked
        assert "Nothing is remembered" in (await ana.slash("world", mine=True)).text


async def test_music_alone_plays_where_a_member_sits_and_stops(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    async with scene.running() as bot:
        assert "voice" in (await ana.slash("score", words="tense, rain")).text
        await ana.joins(scene.guild.voice)
        panel = await ana.slash("score", words="tense, rain")
        seen = await panel.done()
        assert "tense, rain" in seen.text
        scores = bot.services.scores
        await eventually(lambda: scores.wish(scene.guild.id) is not None, within_s=20.0)
        await ana.press("Stop", on=panel.shown)
        await eventually(lambda: scores.wish(scene.guild.id) is None, within_s=20.0)
