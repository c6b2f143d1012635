"""A told tale leads to the next."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.library.records import TaleState
from pipeline.errors import Refused
from pipeline.wording import sentence
from pipeline.words.mood import Emotion
from tests.bot.scene import Scene, on_stage
from tests.bot.troupe import QUICK
from tests.discord_double.interactions import Asked
from tests.discord_double.members.person import Person
from tests.discord_double.members.shown import Shown
from tests.faults.hostile.forged import bearing
from tests.faults.stage import eventually

WITHIN_S = 60.0


async def test_a_tale_is_told_again_in_another_mood_and_goes_on(tmp_path: Path) -> None:
    async with (
        on_stage(tmp_path, troupe={"step_s": 0.0, "passages": 2, "seconds": 0.3}) as scene,
        scene.running() as bot,
    ):
        ana = scene.guild.member("Ana")
        delivered = await _told(scene, ana)
        await ana.press("Another mood", on=delivered)
        await (await ana.press("fear")).done()
        again = (await bot.services.library.tales.open_ones())[-1]
        assert again.prompt.text == "a fox"
        assert again.prompt.mood is Emotion.FEAR
        sheet = await ana.press("Continue", on=delivered)
        await (await ana.submits(sheet, wish="the fox learns to fly")).done()
        onward = (await bot.services.library.tales.waiting(str(scene.guild.id)))[-1].prompt
        assert onward.before is not None
        assert onward.before.facts["hero"] == "Mira"
        assert onward.text == "the fox learns to fly"


async def test_a_scene_is_changed_by_a_button_and_undone(tmp_path: Path) -> None:
    async with on_stage(tmp_path, troupe=QUICK) as scene, scene.running() as bot:
        ana, bea = scene.guild.member("Ana"), scene.guild.member("Bea")
        delivered = await _told(scene, ana)
        await eventually(lambda: not bot.services.teller.open, within_s=WITHIN_S)
        refused = await (await bea.press("Change", on=delivered)).done()
        assert sentence(Refused("press_not_yours")) in refused.content
        await ana.press("Change", on=delivered)
        sheet = await ana.press("Sadder")
        await (await ana.submits(sheet, where="1.2")).done()
        tales = bot.services.library.tales
        first, version = sorted(await tales.asked_in(str(scene.guild.id)), key=lambda one: one.asked_at)
        assert (version.first, version.prompt.change and version.prompt.change.first) == (first.id, 1)
        await eventually(lambda: not bot.services.teller.open, within_s=WITHIN_S)
        now = await tales.get(first.id)
        assert now is not None
        assert now.state is TaleState.EARLIER
        await ana.press("Change", on=delivered)
        await (await ana.press("Undo")).done()
        now = await tales.get(first.id)
        assert now is not None
        assert now.state is TaleState.DONE


async def test_a_mood_pressed_twice_is_one_tale(tmp_path: Path) -> None:
    async with (
        on_stage(tmp_path, troupe={"step_s": 0.0, "passages": 2, "seconds": 0.3}) as scene,
        scene.running() as bot,
    ):
        ana = scene.guild.member("Ana")
        moods = await (await ana.press("Another mood", on=await _told(scene, ana))).done()
        pressed = await asyncio.gather(ana.press("fear", on=moods), ana.press("fear", on=moods))
        answers = [asyncio.create_task(one.shown.until(lambda seen: seen.files, within_s=WITHIN_S)) for one in pressed]
        _, unanswered = await asyncio.wait(answers, return_when=asyncio.FIRST_COMPLETED)
        for one in unanswered:
            one.cancel()
        await eventually(lambda: not bot.services.teller.open, within_s=WITHIN_S)
        assert len(await bot.services.library.tales.asked_in(str(scene.guild.id))) == 2


async def test_a_mood_that_there_is_not_is_asked_for_again(tmp_path: Path) -> None:
    async with on_stage(tmp_path, troupe=QUICK) as scene, scene.running():
        ana = scene.guild.member("Ana")
        delivered = await _told(scene, ana)
        [button] = [one for one in delivered.buttons if one.label == "Another mood"]
        bent = {"custom_id": f"{button.custom_id}:sur", "component_type": 2, "id": 1}
        source = bearing(delivered.message, bent)
        asked = scene.double.house.interactions.ask(
            Asked.COMPONENT, scene.double.bot, ana.user, ana.channel, bent, source
        )
        await eventually(lambda: asked.message)
        assert asked.message is not None
        assert "fear" in [one.label for one in Shown(scene.double.world, asked.message).buttons]


async def test_only_the_asker_or_a_moderator_stops_a_tale_and_twice_stops_once(tmp_path: Path) -> None:
    async with on_stage(tmp_path, works=False) as scene, scene.running() as bot:
        ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
        told = await ana.tale("a fox")
        await told.shown.until(lambda seen: seen.buttons)
        [kept] = await bot.services.library.tales.open_ones()
        refused = await ben.press("Cancel")
        await refused.until(lambda reply: "Only the member who asked" in reply.text)
        await ana.press("Cancel")
        await eventually(lambda: not bot.services.teller.open)
        stopped = await bot.services.library.tales.get(kept.id)
        assert stopped is not None
        assert stopped.state is TaleState.STOPPED


async def _told(scene: Scene, ana: Person) -> Shown:
    told = await ana.tale("a fox")
    return await told.shown.until(lambda seen: any(one.label == "Continue" for one in seen.buttons), within_s=WITHIN_S)
