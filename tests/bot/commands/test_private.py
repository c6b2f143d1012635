"""What is private is in no list."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.voice.player.queue_item import LiveTale
from pipeline.words.prompt import Prompt
from tests.bot.library.samples import wished
from tests.bot.scene import Scene, on_stage
from tests.bot.voice.calling import settled
from tests.discord_double.people import Kind
from tests.discord_double.permissions import May
from tests.pipeline.audio.making import made


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with on_stage(tmp_path, works=False) as made:
        yield made


async def test_a_wish_of_a_channel_that_they_do_not_see_has_a_place_in_the_queue_and_no_words(scene: Scene) -> None:
    ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
    secret = scene.guild.channel(Kind.TEXT, "secret")
    scene.guild.owner.forbids(ben.user, secret, May.VIEW_CHANNEL)
    async with scene.running() as bot:
        wish = wished(
            server=str(scene.guild.id), channel=str(secret.id), member=str(ana.id), prompt=Prompt("a buried letter", 1)
        )
        await bot.services.library.tales.add(wish)
        seen_by_ben = (await (await ben.slash("queue")).done()).text
        assert "buried" not in seen_by_ben
        assert "1." in seen_by_ben
        for who in (ana, scene.guild.owner):
            assert "buried" in (await (await who.slash("queue")).done()).text


async def test_what_is_told_in_a_channel_that_they_do_not_see_is_not_shown_by_play(
    scene: Scene, tmp_path: Path
) -> None:
    ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
    secret = scene.guild.channel(Kind.VOICE, "Attic")
    scene.guild.owner.forbids(ben.user, secret, May.VIEW_CHANNEL)
    tale = made(tmp_path / "stems", lengths_s=(8.0,) * 3)
    async with scene.running() as bot:
        await ana.joins(secret)
        booth = bot.services.booths.of(scene.guild.id)
        booth.line_up(LiveTale("one", "A buried letter", ana.id, secret.id, tale.path_of), tale.timeline)
        await settled(lambda: booth.now.at_s > 0)
        told = (await (await ben.slash("play")).done()).text
        assert "buried" not in told
        assert "Join a voice channel first" in told
        assert "buried" in (await (await scene.guild.owner.slash("play")).done()).text


async def test_words_for_a_voice_pass_the_gate_of_a_wish(scene: Scene) -> None:
    async with scene.running() as bot:
        servers, ana = bot.services.library.servers, scene.guild.member("Ana")
        await servers.change(str(scene.guild.id), bad_words=("heron",), mod_log=str(scene.guild.text.id))
        told = await ana.slash("voice hear", voice="bm_fable", text="a h3ron")
        await told.until(lambda reply: "does not want that" in reply.text)
        told = await ana.slash("voice hear", voice="bm_fable", text="I want to kill myself")
        await told.until(lambda reply: "988" in reply.text)
        assert "heron" not in (await scene.guild.owner.sees("was refused in")).text
        assert not await bot.services.door.keepsakes(str(ana.id))


@pytest.mark.parametrize(
    "asked", [("voice hear", {"voice": "bm_fable"}), ("voice speak", {"pace": 0.8}), ("play", {"tale": "lamp"})]
)
async def test_who_is_blocked_hears_no_voice_and_has_nothing_played(
    scene: Scene, asked: tuple[str, dict[str, object]]
) -> None:
    from tests.bot.library.samples import told as told_tale

    async with scene.running() as bot:
        ben = scene.guild.member("Ben")
        await ben.joins(scene.guild.voice)
        tale = told_tale(server=str(scene.guild.id), channel=str(scene.guild.text.id), member=str(ben.id))
        await bot.services.library.tales.add(tale)
        await bot.services.library.servers.change(str(scene.guild.id), blocked_members=(str(ben.id),))
        command, options = asked
        refused = await ben.slash(command, **options)
        await refused.until(lambda reply: "do not let you ask" in reply.text)
