"""Who asks why leaves nobody's words behind."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from bot.actions.mood_words import MOST_ASKED
from bot.privacy.scan import traces
from pipeline.road.door import Door
from pipeline.words.request import Asked, Explain
from tests.bot.scene import Scene, on_stage
from tests.bot.troupe import QUICK
from tests.discord_double.members.person import Person
from tests.discord_double.members.reply import Reply
from tests.discord_double.members.shown import Shown
from tests.faults.stage import eventually

WISH = "canary4711 befriends a storm"
WITHIN_S = 60.0
UNWEIGHED = {**QUICK, "weighed": False}


async def told(who: Person, wish: str = WISH) -> Shown:
    asked = await who.tale(wish, where="upload")
    return await asked.shown.until(lambda seen: seen.files, within_s=WITHIN_S)


async def asks_why(who: Person, tale: Shown) -> Reply:
    pressed = await who.press("Why this mood", tale)
    return await pressed.until(lambda one: one if "joy" in one.text else None, within_s=WITHIN_S)


async def test_what_somebody_asked_about_anothers_tale_goes_with_the_tale(tmp_path: Path) -> None:
    async with on_stage(tmp_path, troupe=UNWEIGHED) as scene, scene.running() as bot:
        ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
        tale = await told(ana)
        assert "canary4711" in (await asks_why(ben, tale)).text
        await bot.services.privacy.erase_member(str(ana.id))
        await eventually(lambda: traces(tmp_path, "canary4711") == [], within_s=5)


async def test_nothing_of_the_errand_stays_once_it_is_answered(tmp_path: Path) -> None:
    async with on_stage(tmp_path, troupe=UNWEIGHED) as scene, scene.running():
        before = _kept(scene)
        tale = await told(scene.guild.member("Ana"))
        # An errand of its own places the tale for the search by meaning: of both, only the tale's answer stays.
        await eventually(lambda: _is_placed(scene) and len(_answers(scene)) == 1, within_s=20)
        told_with = _kept(scene) - before
        await asks_why(scene.guild.member("Ben"), tale)
        await eventually(lambda: _kept(scene) - before == told_with, within_s=20)
        assert _jobs(scene) == 1, "the tale's own"


async def test_an_erase_finds_the_errand_that_is_still_under_way(tmp_path: Path) -> None:
    async with on_stage(tmp_path, troupe={**UNWEIGHED, "weighs_s": 20.0}) as scene, scene.running() as bot:
        ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
        tale = await told(ana)
        await ben.press("Why this mood", tale)
        await asyncio.sleep(1.0)
        await bot.services.privacy.erase_member(str(ana.id))
        await eventually(lambda: traces(tmp_path, "canary4711") == [], within_s=10)


async def test_many_who_ask_about_one_tale_have_it_weighed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, asked = Door.ask, []

    async def counted(self: Door, wish: Asked) -> None:
        asked.extend([wish] if isinstance(wish.request, Explain) else [])
        await ask(self, wish)

    monkeypatch.setattr(Door, "ask", counted)
    async with on_stage(tmp_path, troupe=UNWEIGHED) as scene, scene.running():
        tale = await told(scene.guild.member("Ana"))
        crowd = [scene.guild.member(f"M{nth}") for nth in range(5)]
        for reply in await asyncio.gather(*(asks_why(one, tale) for one in crowd)):
            assert "canary4711" in reply.text
        assert len(asked) == 1
        assert (asked[0].server, asked[0].member != "") == (str(scene.guild.id), True)


async def test_one_member_has_so_many_weighed_and_more_are_told_without_words(tmp_path: Path) -> None:
    async with on_stage(tmp_path, troupe=UNWEIGHED) as scene, scene.running() as bot:
        scene.double.limits.counting = False
        await bot.services.library.servers.change(str(scene.guild.id), most_a_minute=0, server_a_minute=0)
        ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
        tales = [await told(ana, f"word{nth} in the sea") for nth in range(MOST_ASKED + 1)]
        answers = [(await asks_why(ben, tale)).text for tale in tales]
        assert all(f"word{nth}" in text for nth, text in enumerate(answers[:-1]))
        assert f"word{MOST_ASKED}" not in answers[-1]


def _kept(scene: Scene) -> set[Path]:
    return {path for path in (scene.home / "artifacts").rglob("*") if path.is_file()}


def _answers(scene: Scene) -> set[Path]:
    return {path for path in _kept(scene) if path.suffix == ".json"}


def _is_placed(scene: Scene) -> bool:
    with sqlite3.connect(scene.home / "library.db") as library:
        return bool(library.execute("select count(*) from scenes").fetchone()[0])


def _jobs(scene: Scene) -> int:
    with sqlite3.connect(scene.home / "state" / "road.db") as road:
        return int(road.execute("select count(*) from workflow_status").fetchone()[0])
