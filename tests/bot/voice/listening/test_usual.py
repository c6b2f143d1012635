"""A known voice is read better."""

from __future__ import annotations

import asyncio

import pytest

from bot.voice.listening import consent
from tests.bot.scene import Scene
from tests.bot.voice.listening.listens import TONE, Pen, listens, recordings, speaks, tale_of
from tests.bot.voice.listening.speech import spoken
from tests.double.calls import settled


@pytest.mark.slow
async def test_a_voice_is_learnt_once_a_turn_used_at_the_next_and_gone_with_one_press(
    scene: Scene, pen: Pen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consent, "HEARD_OFTEN", 1)
    ana, rui = scene.guild.member("Ana"), scene.guild.member("Rui")
    for each in (ana, rui):
        await each.joins(scene.guild.voice)
    async with scene.running() as bot:
        usual = bot.services.library.voices.usual
        panel = await listens(ana)
        await rui.press("I consent", on=panel)
        await speaks(ana, panel, spoken(), "always here")
        await rui.says(spoken(gender="f"))
        await panel.until(lambda seen: seen.text.count("keeper") == 2, within_s=15)
        await ana.press("Done", on=panel)
        await tale_of(bot, ana)
        assert await usual(str(ana.id)) == TONE
        assert await usual(str(rui.id)) == (), "for this tale only"
        panel = await listens(ana)
        pen.read.clear()
        await ana.says(spoken())
        await settled(lambda: pen.read)
        assert pen.read[0].usual == TONE
        assert "deleted" in (await (await ana.press("Stop hearing me", on=panel)).done()).text
        assert await usual(str(ana.id)) == ()
        await ana.press("Throw away", on=panel)
        await asyncio.sleep(0.5)
        assert await usual(str(ana.id)) == ()


@pytest.mark.slow
async def test_what_is_thrown_away_teaches_nothing(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with scene.running() as bot:
        panel = await listens(ana)
        await speaks(ana, panel, spoken(), "always here")
        await ana.press("Throw away", on=panel)
        await panel.until(lambda seen: "is deleted" in seen.text)
        assert await bot.services.library.voices.usual(str(ana.id)) == ()


@pytest.mark.slow
async def test_of_who_is_in_danger_nothing_is_kept(scene: Scene, pen: Pen) -> None:
    pen.words = "I want to kill myself"
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with scene.running() as bot:
        panel = await listens(ana)
        await speaks(ana, panel, spoken(), "always here", pen.words)
        await ana.press("Done", on=panel)
        await settled(lambda: bot.services.ears.of(scene.guild.id) is None)
        assert not recordings(scene)
        assert await bot.services.library.voices.usual(str(ana.id)) == ()
