"""Nothing is kept of what is refused."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.privacy.scan import traces
from pipeline.errors import Refused
from pipeline.road.door import Door
from pipeline.words.request import Asked
from tests.bot.scene import Scene, on_stage
from tests.discord_double.members.asking import Attachment

VOICE = Attachment("wish.ogg", b"OggS" + bytes(200))
OTHER = Attachment("other.ogg", b"OggS" + bytes(300))


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with on_stage(tmp_path, works=False) as made:
        yield made


def kept(scene: Scene) -> list[Path]:
    return [path for path in (scene.home / "artifacts").rglob("*") if path.is_file()]


async def test_a_blocked_members_recording_is_not_even_fetched(scene: Scene) -> None:
    async with scene.running() as bot:
        ben = scene.guild.member("Ben")
        await bot.services.library.servers.change(str(scene.guild.id), blocked_members=(str(ben.id),))
        told = await ben.tale(file=VOICE)
        await told.until(lambda reply: "do not let you ask" in reply.text)
        assert kept(scene) == []


async def test_words_of_danger_beside_a_recording_leave_no_recording(scene: Scene) -> None:
    async with scene.running():
        eva = scene.guild.member("Eva")
        told = await eva.slash("tale", prompt="I want to kill myself", file=VOICE)
        await told.until(lambda reply: "988" in reply.text)
        spoken = eva.writes("I want to kill myself", VOICE)
        told = await eva.context("Tell this as a tale", spoken)
        await told.until(lambda reply: "988" in reply.text)
        assert kept(scene) == []


@pytest.mark.parametrize("seed", range(3))
async def test_after_any_refusal_the_home_holds_no_byte_more(scene: Scene, seed: int) -> None:
    chance, canary = random.Random(seed), "canaryofthewish"
    beside = (VOICE, OTHER, Attachment("wish.txt", f"{canary} ".encode() * 20), Attachment("a.exe", canary.encode()))
    async with scene.running() as bot:
        ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
        rules = {"blocked_members": (str(ben.id),), "bad_words": ("grumble",)}
        await bot.services.library.servers.change(str(scene.guild.id), **rules)
        wishes = [
            (ben, f"{canary} of a fox"),
            (ana, f"{canary} of a grumble"),
            (ana, f"I want to kill myself, {canary}"),
            (ana, f"{canary} of a g.r.u.m.b.l.e {'_' * 300}"),
        ]
        for who, words in chance.sample(wishes, len(wishes)):
            file = chance.choice((None, *beside))
            told = await who.slash("tale", prompt=words, **({"file": file} if file else {}))
            await told.until(lambda reply: reply.text and "Making" not in reply.text)
            assert kept(scene) == []
            assert traces(scene.home, canary) == []


async def test_who_has_had_their_share_leaves_no_recording_of_more(scene: Scene) -> None:
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")
        await bot.services.library.servers.change(str(scene.guild.id), most_a_day=1, most_waiting=5)
        await (await ana.tale(file=VOICE)).done()
        [mine] = kept(scene)
        told = await ana.tale(file=OTHER)
        await told.until(lambda reply: "<t:" in reply.text)
        assert kept(scene) == [mine]


async def test_what_the_road_refuses_is_let_go_unless_another_tale_was_asked_with_the_same(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = Door.ask

    async def full(self: Door, wish: Asked) -> None:
        if wish.member == str(ben.id):
            raise Refused("member_has_enough", most=1)
        await ask(self, wish)

    monkeypatch.setattr(Door, "ask", full)
    async with scene.running():
        ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
        await (await ana.tale(file=VOICE)).done()
        [hers] = kept(scene)
        for file in (VOICE, OTHER):
            told = await ben.tale(file=file)
            await told.until(lambda reply: "wait" in reply.text)
        assert kept(scene) == [hers]
