"""/voice clone with real models."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import numpy as np
import pytest

from bot.client import TaleBot
from bot.voice.listening import live_listening
from pipeline.audio.decode import read_stem
from pipeline.words.answer import Sampled
from pipeline.words.request import Asked, Sample
from tests.bot.scene import on_stage
from tests.bot.voice.cloning.learns import AGREE, cloning, learnt, sentence_of, sits_down
from tests.bot.voice.listening.listens import recordings
from tests.bot.voice.listening.test_real_ears import worker
from tests.discord_double.members.opus import Samples

pytestmark = [pytest.mark.weights_embedded, pytest.mark.slow, pytest.mark.timeout(900)]
LEVEL = 24_000


async def read_by(bot: TaleBot, voice: str, sentence: str) -> Samples:
    """The sentence, as this voice of ours reads it into a microphone."""
    wish = Asked(uuid.uuid4().hex, Sample(voice, "en", sentence))
    told = await bot.services.door.answered(wish, Sampled, bot.services.artifacts)
    path = bot.services.artifacts.path
    mono = np.concatenate([await asyncio.to_thread(read_stem, path(one.voice)) for one in told.spoken])
    whole = (np.clip(mono, -1, 1) * LEVEL).astype(np.int16)
    return np.stack([whole, whole], axis=1)


async def test_the_sentence_is_heard_by_a_real_transcriber_and_another_sentence_is_no_consent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_listening, "QUIET_S", 2.0)
    async with on_stage(tmp_path, works=False) as scene:
        ana = scene.guild.member("Ana")
        await ana.joins(scene.guild.voice)
        with worker(tmp_path):
            async with cloning(scene) as bot:
                old = await read_by(bot, "bm_fable", "I read this sentence a long while ago, for somebody else's ears.")
                shown = await sits_down(ana)
                before = sentence_of(shown)
                await ana.says(old)
                await shown.until(lambda seen: "was not heard as it was shown" in seen.text, within_s=300)
                assert sentence_of(shown) != before, "what was shown once is known"
                mine = await read_by(bot, "bm_fable", sentence_of(shown))
                await ana.press(AGREE, on=shown)
                await shown.until(lambda seen: "Please read now" in seen.text, within_s=15)
                await ana.says(mine)
                await shown.until(lambda seen: "not your voice, but the nearest of ours" in seen.text, within_s=300)
                await ana.press("Keep it", on=shown)
                await shown.until(lambda seen: "Nobody but you" in seen.text)
                assert (await learnt(bot, ana)).blend
                assert not recordings(scene)
