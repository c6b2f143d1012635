"""The line, help, about, and the narrator's voice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pipeline.words.prompt import Speaking
from tests.bot.scene import Scene, on_stage

WITHIN_S = 60.0


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with on_stage(tmp_path, works=False) as scene:
        yield scene


async def test_the_queue_shows_this_server_and_hides_what_is_private(scene: Scene) -> None:
    async with scene.running():
        ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
        assert "Nothing" in (await (await ana.slash("queue")).done()).text
        await (await ana.tale("a **fox**")).done()
        await (await ana.tale("a secret", only_me=True)).done()
        line = (await (await ben.slash("queue")).done()).text
        assert "1. a \\*\\*fox\\*\\*" in line
        assert "secret" not in line
        elsewhere = scene.double.guild("Elsewhere").member("Eve")
        assert "Nothing" in (await (await elsewhere.slash("queue")).done()).text


async def test_weights_on_their_way_are_told_in_per_cent(scene: Scene) -> None:
    state = scene.home / "state"
    (state / "standing.json").write_text('{"profile": "tiny", "wanted_bytes": 2000000000, "come_bytes": 500000000}')
    async with scene.running():
        ana = scene.guild.member("Ana", locale="fr")
        assert "25 % de 2.0 Go" in (await (await ana.slash("queue")).done()).text
        told = await ana.tale("un phare")
        await told.until(lambda reply: "25 %" in reply.text)


async def test_help_teaches_three_ways_in_the_members_language(scene: Scene) -> None:
    async with scene.running():
        shown = await (await scene.guild.member("Eva", locale="de").slash("help")).done()
        assert all(nth in shown.text for nth in ("**1.**", "**2.**", "**3.**"))
        assert "Als Geschichte erzählen" in shown.text
        assert shown.ephemeral


async def test_about_names_models_and_licences_in_use(scene: Scene) -> None:
    models = '[{"role": "Narrator", "model": "kokoro-82m", "licence": "Apache-2.0"}]'
    (scene.home / "state" / "standing.json").write_text(f'{{"profile": "tiny", "models": {models}}}')
    async with scene.running():
        shown = await (await scene.guild.member("Ana").slash("about")).done()
        assert "Narrator: kokoro-82m · Apache-2.0" in shown.text


async def test_a_voice_is_heard_and_chosen_for_every_tale_from_then_on(scene: Scene) -> None:
    scene.executor()
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")
        heard = await ana.slash("voice hear", voice="bm_fable", text="Good evening.")
        shown = await heard.shown.until(lambda seen: seen.files, within_s=WITHIN_S)
        assert shown.files[0].name.endswith(".mp3")
        assert "Fable" in (await (await ana.slash("voice choose", voice="bm_fable")).done()).text
        await (await ana.tale("a fox")).done()
        assert (await bot.services.library.tales.open_ones())[-1].prompt.voice == "bm_fable"
        strange = await ana.slash("voice choose", voice="nobody")
        await strange.until(lambda reply: "no voice nobody" in reply.text)


async def test_managers_teach_how_words_are_said(scene: Scene) -> None:
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")
        refused = await ana.slash("voice say-as", word="Nyx", said_so="nicks")
        await refused.until(lambda reply: "manage this server" in reply.text)
        await (await scene.guild.owner.slash("voice say-as", word="Nyx", said_so="nicks")).done()
        await (await ana.tale("Nyx")).done()
        assert (await bot.services.library.tales.open_ones())[-1].prompt.speaking.say_as == (("Nyx", "nicks"),)


async def test_a_manner_of_speaking_is_heard_and_kept_for_every_tale_from_then_on(scene: Scene) -> None:
    scene.executor()
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")
        asked = await ana.slash("voice speak", pace=0.8, curve="slow ... hush")
        shown = await asked.shown.until(lambda seen: seen.files, within_s=WITHIN_S)
        assert "pace 0.8, pitch 0, energy 0, curve slow ... hush" in shown.text
        await (await ana.slash("voice speak", pitch=-2)).shown.until(lambda seen: seen.files, within_s=WITHIN_S)
        await (await ana.tale("a fox", pace=1.2)).done()
        told = (await bot.services.library.tales.open_ones())[-1].prompt.speaking
        assert (told.pace, told.pitch_semitones, told.curve) == (1.2, -2, "slow ... hush")
        await (await ana.slash("voice speak")).done()
        assert await bot.services.library.voices.speaking(str(ana.id)) == Speaking()
