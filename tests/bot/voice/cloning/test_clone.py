"""/voice clone, as members live it."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from bot.library.records import Consent
from bot.voice.listening import solo
from tests.bot.scene import Scene
from tests.bot.troupe import BLEND, QUICK
from tests.bot.voice.cloning.learns import AGREE, cloning, learnt, reads, sentence_of, sits_down
from tests.bot.voice.listening.listens import recordings
from tests.bot.voice.listening.speech import silence, spoken
from tests.discord_double.members.opus import Samples
from tests.double.calls import settled


def hum(seconds: float) -> Samples:
    """Two low strings, and nobody who speaks."""
    at_s = np.arange(round(seconds * 48_000)) / 48_000
    mono = (8_000 * (np.sin(2 * np.pi * 110 * at_s) + np.sin(2 * np.pi * 165 * at_s))).astype(np.int16)
    return np.stack([mono, mono], axis=1)


async def test_nobody_learns_a_voice_until_a_manager_allows_it(bare: Scene) -> None:
    ana = bare.guild.member("Ana")
    async with bare.running() as bot:
        await ana.joins(bare.guild.voice)
        told = await ana.slash("voice clone")
        await told.until(lambda reply: "nobody may teach me" in reply.text)
        assert not any("> **" in seen.text for seen in ana.screen())
        await bot.services.library.servers.change(str(bare.guild.id), cloning=True)
        shown = await (await ana.slash("voice clone")).done()
        assert shown.ephemeral
        assert "I allow this bot to tell stories with it" in sentence_of(shown)
        assert shown.text.count("-# ") == 4
        again = await (await ana.slash("voice clone", language="pt")).done()
        assert "permito que este bot" in sentence_of(again)
        await bot.services.library.servers.change(str(bare.guild.id), cloning=False)
        refused = await ana.press(AGREE, on=shown)
        await refused.until(lambda reply: "nobody may teach me" in reply.text)


async def test_who_reads_the_sentence_has_a_voice_of_their_own_and_nobody_else_is_heard(scene: Scene) -> None:
    ana, rui = scene.guild.member("Ana"), scene.guild.member("Rui")
    for each in (ana, rui):
        await each.joins(scene.guild.voice)
    async with cloning(scene) as bot:
        shown = await sits_down(ana)
        alone = bot.services.ears.alone(scene.guild.id)
        assert alone is not None
        assert alone.listening is not None
        hearing = alone.listening.hearing
        told = await rui.slash("listen")
        await told.until(lambda reply: "already" in reply.text or f"<#{scene.guild.voice.id}>" in reply.text)
        await asyncio.gather(ana.says(spoken(sentence_of(shown))), rui.says(spoken(gender="f")))
        await shown.until(lambda seen: "I have learnt your voice" in seen.text, within_s=60)
        assert hearing.opened[ana.id] > 100
        assert hearing.opened[rui.id] == 0
        assert hearing.counts["unconsented"] > 100
        voice = await learnt(bot, ana)
        assert voice.name == "Ana's voice"
        assert voice.learnt is not None
        assert bot.services.artifacts.path(voice.learnt).exists()
        assert not recordings(scene), "the recording goes as soon as the job answered"
        assert not (scene.home / "state" / "unfinished.json").exists()
        assert not await bot.services.door.keepsakes(str(ana.id)), "nothing of the errand is left on the road"
        assert await bot.services.library.consents.has(str(ana.id), Consent.CLONE)
        noted = [seen.text for seen in scene.guild.owner.screen() if "Listening" in seen.text]
        assert [line.split(" in ")[0] for line in noted] == ["Listening began", "Listening ended"]


@pytest.mark.slow
async def test_who_does_not_sit_in_a_call_is_told_to_and_may_press_again(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    async with cloning(scene):
        shown = await (await ana.slash("voice clone")).done()
        before = sentence_of(shown)
        told = await ana.press(AGREE, on=shown)
        await told.until(lambda reply: "voice channel" in "".join(seen.text for seen in reply.followups))
        await ana.joins(scene.guild.voice)
        await ana.press(AGREE, on=shown)
        now = await shown.until(lambda seen: "Please read now" in seen.text, within_s=15)
        assert sentence_of(now) == before


@pytest.mark.slow
async def test_silence_a_tone_and_a_sitting_that_breaks_off_are_each_said_and_offer_a_new_sentence(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solo, "MOST_S", 3.0)
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with cloning(scene) as bot:
        shown = await reads(ana, silence(1.0))
        assert "Hardly a voice" in shown.text
        first = sentence_of(shown)
        await ana.press(AGREE, on=shown)
        await shown.until(lambda seen: "Please read now" in seen.text, within_s=15)
        assert sentence_of(shown) == first
        await ana.says(hum(2.0))
        await shown.until(lambda seen: "Music or noise" in seen.text, within_s=30)
        second = sentence_of(shown)
        await ana.press(AGREE, on=shown)
        await shown.until(lambda seen: "Please read now" in seen.text, within_s=15)
        await ana.leaves()
        await shown.until(lambda seen: "parted" in seen.text or "Hardly a voice" in seen.text, within_s=30)
        assert len({first, second, sentence_of(shown)}) == 3
        assert not await bot.services.library.voices.of_member(str(ana.id))
        assert bot.services.ears.alone(scene.guild.id) is None
        await settled(lambda: scene.guild.me(scene.double.bot).voice is None)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("consent_unheard", "not heard as it was shown"),
        pytest.param("reference_two_voices", "2 people", marks=pytest.mark.slow),
        pytest.param("reference_music", "Music or noise", marks=pytest.mark.slow),
        pytest.param("reference_too_short", "too short", marks=pytest.mark.slow),
    ],
)
async def test_what_the_check_finds_wrong_is_one_sentence_and_nothing_is_kept(
    bare: Scene, code: str, told: str
) -> None:
    bare.executor(troupe=QUICK | {"unheard": code})
    ana = bare.guild.member("Ana")
    await ana.joins(bare.guild.voice)
    async with cloning(bare) as bot:
        shown = await reads(ana, spoken("My own voice."))
        assert told in shown.text
        assert AGREE in [each.label for each in shown.buttons]
        assert not await bot.services.library.voices.of_member(str(ana.id))
        assert not recordings(bare)
        assert not await bot.services.door.keepsakes(str(ana.id))


@pytest.mark.slow
async def test_where_no_voice_can_be_learnt_the_nearest_of_ours_is_called_what_it_is(bare: Scene) -> None:
    bare.executor(troupe=QUICK)
    ana = bare.guild.member("Ana")
    await ana.joins(bare.guild.voice)
    async with cloning(bare) as bot:
        shown = await reads(ana, spoken("My own voice."))
        assert "not your voice, but the nearest of ours: Fable · English (GB)" in shown.text
        assert "60 %" in shown.text.replace("60%", "60 %")
        assert not await bot.services.library.voices.of_member(str(ana.id)), "it is only offered"
        await ana.press("Keep it", on=shown)
        await shown.until(lambda seen: "Nobody but you" in seen.text)
        voice = await learnt(bot, ana)
        assert (voice.blend, voice.learnt) == (BLEND, None)
        await ana.press("Narrate my tales", on=shown)
        await shown.until(lambda seen: "narrates your tales" in seen.text)
        await (await ana.tale("a lighthouse")).done()
        (told,) = await bot.services.library.tales.asked_by(str(ana.id))
        assert (told.prompt.voice, told.prompt.learnt) == (BLEND, None)
