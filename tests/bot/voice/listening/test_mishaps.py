"""What befalls a listening costs nobody's words."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from bot.library.records import Where
from bot.voice import call
from bot.voice.join import Patience
from bot.voice.listening import live_listening
from tests.bot.scene import Scene
from tests.bot.voice.listening.listens import WORDS, Pen, listens, recordings, speaks, tale_of
from tests.bot.voice.listening.speech import silence, spoken
from tests.discord_double.permissions import May
from tests.double.calls import settled

pytestmark = pytest.mark.slow


async def test_muted_it_hears_on_says_so_and_leaves_with_what_it_heard(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call, "Patience", partial(Patience, silenced_s=3.0))
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with scene.running() as bot:
        panel = await listens(ana)
        await ana.press("I consent", on=panel)
        scene.guild.owner.silences(scene.double.bot)
        await ana.says(spoken())
        await panel.until(lambda seen: "I still hear you" in seen.text, within_s=10)
        await panel.until(lambda seen: "kept me muted" in seen.text, within_s=15)
        kept = await tale_of(bot, ana)
        assert kept.delivery.where is Where.UPLOAD, "it is not told aloud where it was silenced"
        await settled(lambda: scene.guild.me(scene.double.bot).voice is None)


async def test_unmuted_in_time_nothing_ends(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call, "Patience", partial(Patience, silenced_s=6.0))
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with scene.running() as bot:
        panel = await listens(ana)
        scene.guild.owner.silences(scene.double.bot)
        await panel.until(lambda seen: "has muted me" in seen.text, within_s=10)
        scene.guild.owner.silences(scene.double.bot, mute=False)
        await panel.until(lambda seen: "has muted me" not in seen.text, within_s=10)
        await speaks(ana, panel, spoken())
        await ana.press("Done", on=panel)
        await tale_of(bot, ana)


async def test_put_out_it_does_not_come_back_and_tells_by_file(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with scene.running() as bot:
        panel = await listens(ana)
        await speaks(ana, panel, spoken())
        scene.guild.owner.forbids(scene.double.bot.user, scene.guild.voice, May.CONNECT)
        scene.guild.owner.moves(scene.double.bot, None)
        await panel.until(lambda seen: "not lost" in seen.text, within_s=10)
        kept = await tale_of(bot, ana)
        assert kept.delivery.where is Where.UPLOAD
        assert scene.guild.me(scene.double.bot).voice is None
        assert not recordings(scene)


async def test_where_it_cannot_come_in_who_asked_reads_why_and_is_promised_no_file(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    scene.guild.owner.forbids(scene.double.bot.user, scene.guild.voice, May.SPEAK)
    async with scene.running():
        told = await ana.slash("listen")
        await told.until(lambda seen: "permissions Connect and Speak" in seen.text)
        assert "file" not in told.text


async def test_sound_without_words_ends_in_a_sentence_and_is_let_go(scene: Scene, pen: Pen) -> None:
    pen.words = ""
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with scene.running() as bot:
        panel = await listens(ana)
        await ana.press("I consent", on=panel)
        await ana.says(spoken())
        await ana.press("Done", on=panel)
        await panel.until(lambda seen: "could make out no words" in seen.text, within_s=10)
        await settled(lambda: not recordings(scene))
        assert await bot.services.library.tales.open_ones() == []


@pytest.mark.parametrize(("level", "hint"), [(0.004, "very quiet"), (40.0, "too loud")])
async def test_a_whisper_and_a_shout_are_heard_and_their_owner_reads_what_to_mend(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, level: float, hint: str
) -> None:
    monkeypatch.setattr(live_listening, "QUIET_S", 60.0)
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    sound = np.clip(spoken() * level, -32_768, 32_767).astype(np.int16)
    async with scene.running():
        panel = await listens(ana)
        await ana.press("I consent", on=panel)
        await ana.says(np.concatenate([sound, silence(1.5)]))
        await panel.until(lambda seen: WORDS in seen.text and hint in seen.text, within_s=15)
        await ana.press("Throw away", on=panel)
        await panel.until(lambda seen: "is deleted" in seen.text)


async def test_a_bot_that_is_stopped_says_so_and_the_next_one_tells_what_was_said(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with scene.running():
        panel = await listens(ana)
        await speaks(ana, panel, spoken())
    assert "being stopped" in panel.text
    assert not panel.buttons or "Done" not in [button.label for button in panel.buttons]
    async with scene.running() as bot:
        kept = await tale_of(bot, ana)
        assert kept.prompt.names == ("Ana",)
        assert not recordings(scene)
