"""Long texts are measured before they are read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.request_tale.attachments import MOST_TEXT_BYTES
from pipeline.words.folding import read
from tests.bot.scene import Scene, on_stage
from tests.discord_double.members.asking import Attachment

LONG = ("Once there was a fox in the sea. " * 5_000)[: MOST_TEXT_BYTES - 1_000]
MEMBERS = 10


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with on_stage(tmp_path, works=False) as made:
        yield made


async def test_texts_that_are_too_long_to_be_told_are_refused_unread(scene: Scene) -> None:
    begun_s = time.process_time()
    read(LONG)
    one_reading_s = time.process_time() - begun_s
    async with scene.running():
        members = [scene.guild.member(f"Member {number}") for number in range(MEMBERS)]
        begun_s = time.process_time()
        replies = await asyncio.gather(*(one.tale(file=Attachment("long.txt", LONG.encode())) for one in members))
        for reply in replies:
            await reply.until(lambda one: "at most 8" in one.text)
        assert time.process_time() - begun_s < MEMBERS / 2 * one_reading_s


async def test_who_is_blocked_has_no_long_text_read(scene: Scene) -> None:
    text = "A fox. " * 1_100 + "I want to kill myself."
    async with scene.running() as bot:
        ben = scene.guild.member("Ben")
        await bot.services.library.servers.change(str(scene.guild.id), blocked_members=(str(ben.id),), most_words=3_000)
        told = await ben.tale(file=Attachment("long.txt", text.encode()))
        await told.until(lambda reply: "do not let you ask" in reply.text)


async def test_danger_at_the_end_of_a_long_text_that_may_be_told_is_found(scene: Scene) -> None:
    text = "A fox. " * 1_100 + "I want to kill myself."
    async with scene.running() as bot:
        await bot.services.library.servers.change(str(scene.guild.id), most_words=3_000)
        told = await scene.guild.member("Eva").tale(file=Attachment("long.txt", text.encode()))
        await told.until(lambda reply: "988" in reply.text)
        assert not bot.services.teller.open
