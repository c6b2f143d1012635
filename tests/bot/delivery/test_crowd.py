"""Heavy work of some holds up nobody else."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pipeline.artifacts import Artifacts
from pipeline.words.sound import Artifact
from tests.bot.scene import Scene, on_stage
from tests.discord_double.members.shown import Shown

WITHIN_S = 60.0
CROWD = 12
"""Members; more than there are threads for anything."""


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with on_stage(tmp_path, troupe={"seconds": 0.5, "step_s": 0.0, "passages": 2}) as made:
        made.double.limits.counting = False
        yield made


async def a_tale(scene: Scene) -> Shown:
    told = await scene.guild.member("Ana").tale("a lighthouse", where="upload")
    return await told.shown.until(lambda seen: seen.files, within_s=WITHIN_S)


async def test_while_a_crowd_wants_pages_another_members_wish_is_answered(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded, begun = threading.Event(), []

    def slow(*_: object) -> bytes:
        begun.append(threading.get_ident())
        encoded.wait(WITHIN_S)
        return b"<!doctype html>"

    monkeypatch.setattr("bot.actions.tale_actions.page_of", slow)
    async with scene.running():
        tale = await a_tale(scene)
        crowd = [scene.guild.member(f"M{nth}") for nth in range(CROWD)]
        try:
            await asyncio.gather(*(one.press("Share", tale) for one in crowd))
            await (await scene.guild.member("Ben").tale("a fox")).done()
            assert len(begun) == 1, "one encodes at a time"
        finally:
            encoded.set()


async def test_a_finger_that_presses_share_twice_has_one_page_made(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []

    def counted(*_: object) -> bytes:
        made.append(None)
        return b"<!doctype html>"

    monkeypatch.setattr("bot.actions.tale_actions.page_of", counted)
    async with scene.running():
        tale, ben = await a_tale(scene), scene.guild.member("Ben")
        first, second = await asyncio.gather(ben.press("Share", tale), ben.press("Share", tale))
        assert not second.failed
        await first.until(lambda seen: seen.shown.files, within_s=WITHIN_S)
        assert len(made) == 1


async def test_a_store_that_does_not_answer_lets_presses_be_answered_in_time(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    away, path = threading.Event(), Artifacts.path

    def slow(self: Artifacts, artifact: Artifact) -> Path:
        away.wait(WITHIN_S)
        return path(self, artifact)

    async with scene.running():
        tale = await a_tale(scene)
        monkeypatch.setattr(Artifacts, "path", slow)
        crowd = [scene.guild.member(f"M{nth}") for nth in range(CROWD)]
        try:
            pressed = await asyncio.gather(*(one.press("Transcript", tale) for one in crowd))
            assert not [one for one in pressed if one.failed]
            await asyncio.gather(*(one.slash("privacy") for one in (scene.guild.member("Ana"), *crowd)))
            liked = await scene.guild.member("Ben").press("Like", tale)
            await liked.until(lambda seen: "♥ 1" in seen.text)
        finally:
            away.set()


async def test_what_expired_is_still_told_again(scene: Scene) -> None:
    async with scene.running():
        tale = await a_tale(scene)
        shutil.rmtree(scene.home / "artifacts")
        again = await scene.guild.member("Ben").press("Share", tale)
        await again.until(lambda seen: "told again" in seen.text, within_s=WITHIN_S)
