"""A button stands where people sit."""

from __future__ import annotations

import asyncio

import pytest

from tests.bot.scene import Scene
from tests.discord_double.members.person import Person
from tests.discord_double.members.shown import Shown
from tests.discord_double.permissions import May

SPEAK = "Speak your tale"


def standing(scene: Scene, who: Person) -> list[Shown]:
    """Where it stands, on this channel's screen."""
    screen = who.screen(scene.guild.voice)
    return [seen for seen in screen if any(SPEAK in button.label for button in seen.buttons)]


async def told(who: Person, wish: str) -> None:
    """A whole tale."""
    shown = (await who.tale(wish)).shown
    await shown.until(lambda seen: seen.files, within_s=60)


async def listened(who: Person, offered: Shown) -> bool:
    """Pressed; False while a tale is still being told there."""
    reply = await who.press(SPEAK, on=offered)
    await reply.until(lambda seen: "listening in" in seen.text or "busy" in seen.text, within_s=10)
    return "listening in" in reply.text


@pytest.mark.slow
async def test_it_is_offered_once_where_a_tale_is_told_aloud_and_opens_a_listening(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with scene.running():
        await told(ana, "a fox")
        await told(ana, "a hare")
        (offered,) = standing(scene, ana)
        assert "speak a tale" in offered.text
    async with scene.running():
        await told(ana, "an owl, by another bot")
        assert len(standing(scene, ana)) == 1
        ana.opens(scene.guild.voice)
        async with asyncio.timeout(60):
            while not await listened(ana, offered):  # noqa: ASYNC110 - a call tells nobody that it is free
                await asyncio.sleep(0.5)
        panel = await ana.sees("Listening in")
        await ana.press("Throw away", on=panel)
        await panel.until(lambda seen: "is deleted" in seen.text)


@pytest.mark.slow
async def test_nobody_is_offered_what_the_server_does_not_want(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with scene.running() as bot:
        await bot.services.library.servers.change(str(scene.guild.id), listening=False)
        await told(ana, "a fox")
        assert standing(scene, ana) == []
        await bot.services.library.servers.change(str(scene.guild.id), listening=True)
        scene.guild.owner.forbids(scene.double.bot.user, scene.guild.voice, May.SEND_MESSAGES)
        await told(ana, "a hare")
        assert standing(scene, ana) == []


@pytest.mark.slow
async def test_a_tale_that_is_a_file_alone_offers_nothing_there(scene: Scene) -> None:
    ana = scene.guild.member("Ana")
    await ana.joins(scene.guild.voice)
    async with scene.running():
        shown = (await ana.tale("a fox", where="upload")).shown
        await shown.until(lambda seen: seen.files, within_s=60)
        assert standing(scene, ana) == []
