"""/listen, as members live it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.client import TaleBot
from bot.library.kept import Consent, KeptTale, Viewer
from bot.voice.ears import earshot, listening
from pipeline.words.answer import Transcribed
from pipeline.words.sound import Artifact, Transcript
from tests.bot.scene import Scene, on_stage
from tests.bot.voice.ears.speech import spoken
from tests.discord_double.members.person import Person

WORDS = "A lighthouse keeper befriends a storm."


@pytest.fixture
async def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    """A little Discord, an executor without models, and a transcriber that always hears the same."""

    async def write_down(recording: Artifact) -> Transcribed:
        return Transcribed(Transcript(WORDS, "en", 0.9))

    monkeypatch.setattr(earshot, "by_road", lambda *_, **__: write_down)
    async with on_stage(tmp_path) as one:
        yield one


async def listens(ana: Person) -> None:
    """Asks, and is told that it listens."""
    told = await ana.slash("listen")
    await told.until(lambda seen: "listening in" in seen.text)
    assert told.shown.ephemeral


async def tale_of(bot: TaleBot, who: Person) -> KeptTale:
    """The first tale they get."""
    async with asyncio.timeout(20):
        while not (page := await bot.services.library.tales.of_member(Viewer(str(who.id)))).tales:
            await asyncio.sleep(0.02)
    return page.tales[0]


async def test_who_consents_is_heard_and_gets_a_tale_of_what_they_said(scene: Scene) -> None:
    ana, rui = scene.guild.member("Ana"), scene.guild.member("Rui")
    await ana.joins(scene.guild.voice)
    await rui.joins(scene.guild.voice)
    async with scene.running() as bot:
        await listens(ana)
        panel = await ana.sees("Listening in")
        assert "Not heard: Ana, Rui" in panel.text or "Not heard: Rui, Ana" in panel.text
        assert await ana.press("I consent", on=panel)
        await asyncio.gather(ana.says(spoken()), rui.says(spoken(gender="f")))
        await panel.until(lambda seen: WORDS in seen.text, within_s=10)
        assert "Not heard: Rui" in panel.text
        session = bot.services.ears.of(scene.guild.id)
        assert session is not None
        assert session.listening is not None
        assert session.listening.hearing.opened[rui.id] == 0
        await ana.press("Done", on=panel)
        await panel.until(lambda seen: "heard it all" in seen.text, within_s=10)
        kept = await tale_of(bot, ana)
        assert [(one.name, one.heard and one.heard.text) for one in kept.prompt.said] == [("Ana", WORDS)]
        assert kept.prompt.names == ("Ana",)
