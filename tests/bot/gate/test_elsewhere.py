"""A tale's buttons belong to its place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.ui.message import ButtonAction
from tests.bot.scene import Scene, on_stage
from tests.bot.troupe import QUICK
from tests.discord_double.interactions import Asked
from tests.discord_double.members.person import Person
from tests.discord_double.members.reply import Reply
from tests.discord_double.members.shown import Shown
from tests.faults.hostile import forged

WITHIN_S = 60.0


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with on_stage(tmp_path, troupe=QUICK) as made:
        yield made


async def presses(scene: Scene, who: Person, verb: ButtonAction, tale: str, on: Shown) -> Reply:
    """A button with another tale's id, on any message of the bot's."""
    data = {"custom_id": f"echo:{verb}:{tale}", "component_type": 2, "id": 1}
    house = scene.double.house
    source = forged.bearing(on.message, data)
    asked = house.interactions.ask(Asked.COMPONENT, scene.double.bot, who.user, who.channel, data, source)
    return await Reply(house.world, house.interactions, asked).answered()


@pytest.mark.parametrize(
    "verb",
    [
        ButtonAction.WHY,
        ButtonAction.SHARE,
        ButtonAction.TRANSCRIPT,
        ButtonAction.FILES,
        ButtonAction.HEART,
        ButtonAction.AGAIN,
    ],
)
async def test_a_button_of_another_servers_tale_answers_that_it_is_not_here(scene: Scene, verb: ButtonAction) -> None:
    elsewhere = scene.double.guild("Elsewhere")
    async with scene.running() as bot:
        await (await elsewhere.member("Vera").slash("tale", prompt="a secret", where="upload")).done()
        [theirs] = await bot.services.library.tales.asked_in(str(elsewhere.id))
        ana = scene.guild.member("Ana")
        here = await (await ana.slash("help")).done()
        told = await presses(scene, ana, verb, theirs.id, here)
        assert "another place" in told.text
        assert told.modal is None
        vera = scene.guild.lets_in(elsewhere.people[-1].user, ())
        assert "another place" in (await presses(scene, vera, verb, theirs.id, here)).text


async def test_what_was_told_to_one_alone_is_not_opened_by_others_here(scene: Scene) -> None:
    async with scene.running() as bot:
        ana, eve = scene.guild.member("Ana"), scene.guild.member("Eve")
        told = await ana.slash("tale", prompt="a secret", only_me=True)
        await told.shown.until(lambda seen: seen.files, within_s=WITHIN_S)
        [mine] = await bot.services.library.tales.asked_by(str(ana.id))
        here = await (await eve.slash("help")).done()
        assert "Only the member who asked" in (await presses(scene, eve, ButtonAction.TRANSCRIPT, mine.id, here)).text
        opened = await presses(scene, ana, ButtonAction.TRANSCRIPT, mine.id, told.shown)
        await opened.until(lambda one: one.shown.files, within_s=WITHIN_S)
