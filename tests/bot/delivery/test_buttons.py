"""What the buttons under a tale do."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.client import TaleBot
from tests.bot.scene import Scene, on_stage
from tests.discord_double.members.person import Person
from tests.discord_double.members.reply import Reply
from tests.discord_double.members.shown import Shown
from tests.faults.stage import eventually

WITHIN_S = 60.0
PROMISED = 8
"""Buttons under a tale that the README names."""


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with on_stage(tmp_path, troupe={"seconds": 1.0, "step_s": 0.0}) as scene:
        yield scene


async def a_tale(ana: Person) -> Shown:
    """Told, with its buttons."""
    told = await ana.tale("a lighthouse")
    return await told.shown.until(lambda seen: seen.files, within_s=WITHIN_S)


async def pressed(who: Person, label: str, on: Shown) -> Shown:
    """What came of it, thought out."""
    reply: Reply = await who.press(label, on)
    assert not reply.failed
    await reply.until(lambda seen: seen.message and not seen.message.loading, within_s=WITHIN_S)
    return reply.shown


def _is_done(seen: Reply) -> bool:
    return bool(seen.modal or (seen.message and not seen.message.loading))


async def kept(bot: TaleBot) -> list[str]:
    """Ids in the library."""
    return [tale.id for tale in await bot.services.library.tales.asked_in(str(bot.guilds[0].id))]


async def test_a_tale_gives_its_words_reasons_pages_and_formats(scene: Scene) -> None:
    async with scene.running():
        ana = scene.guild.member("Ana")
        tale = await a_tale(ana)
        words = await pressed(ana, "Transcript", tale)
        assert words.ephemeral
        page, vtt, srt = (file.data.decode() for file in words.files)
        assert "[guitar and flute, bright]" in page
        assert "<i>[guitar and flute, bright]</i>" in vtt
        assert "[guitar and flute, bright]" in srt
        why = await pressed(ana, "Why this mood", tale)
        assert "joy 70 %" in why.text
        assert "“lamp”" in why.text
        assert [file.name for file in why.files] == ["tale.png"]
        assert {"fear", "joy"} <= {one.label for one in why.buttons}
        shared = await pressed(ana, "Share", tale)
        assert shared.files[0].name == "the-keeper-and-the-storm.html"
        here = await pressed(ana, "Post it here", shared)
        assert not here.ephemeral
        assert here.files[0].data.startswith(b"<!doctype html>")
        choice = await pressed(ana, "Other formats", tale)
        book = await pressed(ana, "M4B", choice)
        assert b"M4B" in book.files[0].data[:32]
        liked = await pressed(ana, "Like", tale)
        assert "♥ 1" in liked.text
        loved = scene.home / "artifacts" / "loved"
        await eventually(lambda: loved.is_dir() and len(list(loved.iterdir())) > 3)


async def test_members_who_ask_for_one_film_at_once_all_get_it(scene: Scene) -> None:
    async with scene.running():
        ana, others = scene.guild.member("Ana"), [scene.guild.member(name) for name in ("Ben", "Cleo", "Dan")]
        tale = await a_tale(ana)
        replies: list[Reply] = await asyncio.gather(*(one.press("As film", tale) for one in others))
        for reply in replies:
            await reply.until(lambda seen: seen.message and seen.message.files, within_s=WITHIN_S)
            assert reply.shown.files[0].data == b"a film"
        await eventually(lambda: not [*(scene.home / "artifacts").rglob("*.mp4")], within_s=WITHIN_S)


async def test_a_tale_comes_as_a_film_and_nothing_of_its_making_stays(scene: Scene) -> None:
    async with scene.running():
        ana = scene.guild.member("Ana")
        tale = await a_tale(ana)
        reply: Reply = await ana.press("As film", tale)
        await reply.until(lambda seen: seen.message and seen.message.files, within_s=WITHIN_S)
        assert reply.shown.ephemeral
        assert [file.name for file in reply.shown.files] == ["the-keeper-and-the-storm.mp4"]
        assert reply.shown.files[0].data == b"a film"
        artifacts = scene.home / "artifacts"
        await eventually(lambda: not list(artifacts.rglob("*.mp4")))


async def test_buttons_work_after_a_restart(scene: Scene) -> None:
    async with scene.running():
        ana = scene.guild.member("Ana")
        tale = await a_tale(ana)
    async with scene.running():
        scene.double.clock.advance(400 * 86_400)
        assert "♥ 1" in (await pressed(ana, "Like", tale)).text
        labels = [one.label for one in tale.buttons if one.custom_id]
        assert len(labels) >= PROMISED
        for label in labels:
            reply = await ana.press(label, tale)
            await reply.until(_is_done, within_s=WITHIN_S)
            assert "on our side" not in reply.text, label


async def test_only_the_asker_or_a_moderator_deletes_and_then_nothing_is_left(scene: Scene) -> None:
    async with scene.running() as bot:
        ana, beto = scene.guild.member("Ana"), scene.guild.member("Beto")
        tale = await a_tale(ana)
        assert "Only the member who asked" in (await pressed(beto, "Delete", tale)).text
        sure = await pressed(scene.guild.owner, "Delete", tale)
        assert "for good" in sure.text
        await scene.guild.owner.press("Delete for good", sure)
        await sure.until(lambda seen: "It is gone" in seen.text)
        assert tale.deleted
        assert await kept(bot) == []


async def test_a_voice_message_stands_alone_with_its_waveform(scene: Scene) -> None:
    async with scene.running():
        ana = scene.guild.member("Ana")
        choice = await pressed(ana, "Other formats", await a_tale(ana))
        await ana.press("Voice message", choice)
        found = await scene.double.world.bell.until(
            lambda: next((one for one in ana.screen() if one.files and one.files[0].duration_s), None),
            within_s=WITHIN_S, why="a voice message",
        )  # fmt: skip
        assert found.files[0].media_type == "audio/ogg"
        assert found.files[0].duration_s == pytest.approx(4.0, abs=0.5)


async def test_a_tale_whose_sound_expired_is_told_again_to_the_letter_and_says_so(scene: Scene) -> None:
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")
        tale = await a_tale(ana)
        shutil.rmtree(scene.home / "artifacts")
        again = await ana.press("Transcript", tale)
        await again.until(lambda seen: "told again" in seen.text, within_s=WITHIN_S)
        first, second = await bot.services.library.tales.asked_in(str(scene.guild.id))
        assert first.prompt == second.prompt
