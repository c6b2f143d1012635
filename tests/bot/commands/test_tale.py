"""What a member gets for /tale."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.client import TaleBot
from bot.library.records import KeptTale, TextShown, Where
from pipeline.words.mood import Emotion
from pipeline.words.prompt import Rating, Storyteller
from pipeline.words.source import SourceKind, TellerManner
from tests.bot.scene import Scene, on_stage
from tests.faults.stage import eventually
from tests.pipeline.sources.making import HARBOUR, docx, picture

WITHIN_S = 60.0
OGG = b"OggS" + bytes(200)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with on_stage(tmp_path, works=False) as scene:
        yield scene


async def test_a_prompt_is_answered_at_once_and_told_by_another_process(scene: Scene) -> None:
    scene.executor()
    async with scene.running() as bot:
        ana = scene.guild.member("Ana", locale="pt-BR")
        told = await ana.tale("um farol")
        assert not told.failed
        await told.shown.until(lambda seen: "The Keeper and the Storm" in seen.text, within_s=WITHIN_S)
        await told.shown.until(lambda seen: "Cancelar" not in seen.text, within_s=WITHIN_S)
        await eventually(lambda: not bot.services.teller.open, within_s=WITHIN_S)
        assert await bot.services.library.tales.open_ones() == []


async def test_every_option_reaches_the_wish(scene: Scene) -> None:
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")
        told = await ana.slash(
            "tale", prompt="a fox", length="medium", mood="fear", style="fable", voice="bm_fable",
            language="en", where="upload", text="none", tell_me=True, only_me=True,
            persona=f"a tired knight<@{ana.id}>", daring=0.5,
        )  # fmt: skip
        await told.done()
        asked = await _kept(bot)
        wish, delivery = asked.prompt, asked.delivery
        assert (wish.words, wish.mood, wish.style, wish.voice, wish.language) == (
            480, Emotion.FEAR, "fable", "bm_fable", "en",
        )  # fmt: skip
        assert wish.storyteller == Storyteller(0.5, "a tired knight")
        assert (delivery.where, delivery.text) == (Where.UPLOAD, TextShown.NONE)
        assert delivery.tell_me
        assert delivery.only_me


async def test_only_me_is_seen_by_nobody_else(scene: Scene) -> None:
    async with scene.running():
        ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
        told = await ana.tale("a secret", only_me=True)
        await told.done()
        assert told.shown.ephemeral
        assert ben.screen() == []


async def test_who_sits_in_a_voice_channel_hears_it_there_and_gets_the_file_too(scene: Scene) -> None:
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")
        await ana.joins(scene.guild.voice)
        await (await ana.tale("a fox")).done()
        assert (await _kept(bot)).delivery.where is Where.BOTH


async def test_here_without_a_voice_channel_is_refused_to_the_asker_alone(scene: Scene) -> None:
    async with scene.running() as bot:
        ana, ben = scene.guild.member("Ana", locale="de"), scene.guild.member("Ben")
        told = await ana.tale("a fox", where="here")
        await told.until(lambda reply: "Sprachkanal" in reply.text)
        assert ben.screen() == []
        await eventually(lambda: not bot.services.teller.open, within_s=WITHIN_S)
        assert await bot.services.library.tales.open_ones() == []


async def test_without_a_prompt_three_openings_are_offered_and_one_press_tells_one(scene: Scene) -> None:
    async with scene.running() as bot:
        ana = scene.guild.member("Ana", locale="es-ES")
        asked = await ana.tale()
        assert asked.shown.ephemeral
        ideas = [button.label for button in asked.shown.buttons]
        assert len(ideas) == 5
        pressed = await ana.press(ideas[1])
        await pressed.done()
        assert (await _kept(bot)).prompt.text == ideas[1]
        await asked.shown.until(lambda seen: not seen.buttons)


async def test_surprise_me_and_own_words_on_a_sheet(scene: Scene) -> None:
    async with scene.running() as bot:
        ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
        asked = await ana.tale()
        await (await ana.press("Surprise me", on=asked.shown)).done()
        assert (await _kept(bot)).prompt.text
        asked = await ben.tale(length="long")
        sheet = await ben.press("My own words", on=asked.shown)
        long = "Once there was a very long wish. " * 100
        await (await ben.submits(sheet, prompt=long)).done()
        kept = (await bot.services.library.tales.open_ones())[-1]
        assert kept.prompt.text == long.strip()
        assert kept.prompt.words == 1_280


async def test_a_text_file_is_told_as_it_is_written(scene: Scene) -> None:
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")
        await (await ana.tale(file=scene.double.file("poem.md", b"Ein Wald.\n\nStill."))).done()
        wish = (await _kept(bot)).prompt
        assert wish.as_written
        assert wish.text == "Ein Wald.\n\nStill."


async def test_a_long_text_is_told_whole_and_one_too_long_is_refused_in_minutes(scene: Scene) -> None:
    long = "The sea rose and fell again. " * 216
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")
        await (await ana.tale(file=scene.double.file("long.txt", long.encode()))).done()
        wish = (await _kept(bot)).prompt
        assert (wish.text, wish.words) == (long, 6 * 216)
        told = await ana.tale(file=scene.double.file("longer.txt", (long * 2).encode()))
        await told.until(lambda reply: "about 16 minutes; at most 8" in reply.text)


async def test_a_recording_is_a_spoken_wish(scene: Scene) -> None:
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")
        await (await ana.tale(file=scene.double.file("wish.ogg", OGG))).done()
        wish = (await _kept(bot)).prompt
        assert wish.recording is not None
        assert bot.services.artifacts.path(wish.recording).read_bytes() == OGG


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [("a.exe", b"MZ\x90\0\0\0" * 20, "no kind of file"), ("a.txt", b"\xff\xfe\x00", "no kind of file")],
)
async def test_a_strange_file_is_refused_in_a_sentence(scene: Scene, name: str, data: bytes, says: str) -> None:
    async with scene.running():
        ana = scene.guild.member("Ana")
        told = await ana.tale(file=scene.double.file(name, data))
        await told.until(lambda reply: says in reply.text)


async def test_a_paper_is_read_into_facts_and_told_with_its_style(scene: Scene, tmp_path: Path) -> None:
    docx(tmp_path / "paper", HARBOUR)
    data = (tmp_path / "paper").read_bytes()
    async with scene.running() as bot:
        ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
        await (await ana.tale(file=scene.double.file("harbour.bin", data), style="fairy_tale")).done()
        wish = (await _kept(bot)).prompt
        assert wish.source is not None
        assert (wish.source.kind, wish.source.origin) == (SourceKind.DOCX, "harbour.bin")
        assert wish.source.manner is TellerManner.FAIRY_TALE
        assert wish.words == wish.source.words
        message = ben.writes("", scene.double.file("harbour.docx", data))
        await (await ana.context("Tell this as a tale", message)).done()
        again = (await bot.services.library.tales.open_ones())[-1].prompt.source
        assert again is not None
        assert again.facts == wish.source.facts


async def test_a_picture_without_words_is_asked_about_and_with_words_it_is_a_wish(scene: Scene, tmp_path: Path) -> None:
    picture(tmp_path / "it.png")
    data = (tmp_path / "it.png").read_bytes()
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")
        asked = await ana.tale(file=scene.double.file("it.png", data))
        told = await ana.submits(asked, shows="")
        await told.until(lambda reply: "What does the picture show?" in reply.text)
        ben = scene.guild.member("Ben")
        asked = await ben.tale(file=scene.double.file("it.png", data))
        await (await ben.submits(asked, shows="a boat that dreams")).done()
        assert (await _kept(bot)).prompt.text == "a boat that dreams"
        await (await ana.tale("my dog by the sea", file=scene.double.file("it.png", data))).done()
        wish = (await bot.services.library.tales.open_ones())[-1].prompt
        assert wish.source is not None
        assert (wish.text, wish.source.kind) == ("my dog by the sea", SourceKind.PICTURE)


async def test_a_link_into_a_private_network_is_refused_and_nothing_is_kept(scene: Scene) -> None:
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")
        told = await ana.tale("http://192.168.0.1/admin")
        await told.until(lambda reply: "lies in a private network" in reply.text)
        assert not await bot.services.library.tales.open_ones()


async def test_a_paper_with_a_word_that_the_server_refuses_is_not_told(scene: Scene, tmp_path: Path) -> None:
    docx(tmp_path / "paper", HARBOUR)
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")
        await bot.services.library.servers.change(str(scene.guild.id), bad_words=("lifeboat",))
        told = await ana.tale(file=scene.double.file("a.docx", (tmp_path / "paper").read_bytes()))
        await told.until(lambda reply: "does not want that" in reply.text)


async def test_any_message_is_told_as_a_tale_and_a_voice_message_too(scene: Scene) -> None:
    async with scene.running() as bot:
        ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
        message = ben.writes(f"<@{ana.id}> lost the key of the lighthouse")
        await (await ana.context("Tell this as a tale", message)).done()
        assert (await _kept(bot)).prompt.text == "Ana lost the key of the lighthouse"
        spoken = ben.writes("", scene.double.file("voice-message.ogg", OGG))
        await (await ana.context("Tell this as a tale", spoken)).done()
        wish = (await bot.services.library.tales.open_ones())[-1].prompt
        assert wish.recording is not None
        assert wish.names == ("Ben",)
        assert not wish.read_feeling, "nobody asked Ben"


async def test_it_works_in_direct_messages_and_threads(scene: Scene) -> None:
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")
        ana.opens(scene.double.world.conversation(ana.user, scene.double.bot.user))
        await (await ana.tale("a fox")).done()
        kept = await _kept(bot)
        assert kept.server == ""
        assert kept.prompt.rating is Rating.TEEN


async def test_styles_and_voices_are_suggested_in_the_members_language(scene: Scene) -> None:
    async with scene.running():
        ana = scene.guild.member("Ana", locale="de")
        [style] = await ana.typing("tale", "style", "mär")
        assert (style["name"], style["value"]) == ("Märchen", "fairy_tale")
        voices = await ana.typing("tale", "voice", "", language="pt")
        assert voices[0]["name"].startswith(("Dora", "Alex"))
        assert "Portugiesisch" in voices[0]["name"]


async def _kept(bot: TaleBot) -> KeptTale:
    return (await bot.services.library.tales.open_ones())[-1]
