"""A restart in the middle of tales."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.library.records import TaleState, Viewer
from tests.bot.scene import on_stage
from tests.faults.stage import eventually

pytestmark = pytest.mark.slow
CARDS = 50


async def test_fifty_open_cards_survive_a_restart_of_the_bot(tmp_path: Path) -> None:
    async with on_stage(tmp_path, works=False) as scene:
        scene.double.limits.counting = False
        async with scene.running() as bot:
            people = [scene.guild.member(f"M{nth}") for nth in range(CARDS)]
            told = await asyncio.gather(*(one.tale(f"tale {nth}") for nth, one in enumerate(people)))
            for reply in told:
                await reply.done()
            asked = await bot.services.library.tales.open_ones()
        before = [reply.shown.id for reply in told]
        scene.executor(tales_in_flight=4, troupe={"step_s": 0.0, "passages": 1, "seconds": 0.2})
        async with scene.running() as bot:
            for reply in told:
                await reply.shown.until(lambda seen: "The Keeper and the Storm" in seen.text, within_s=120)
            tales = bot.services.library.tales
            await eventually(lambda: not bot.services.teller.open, within_s=120)
            kept = [await tales.seen(tale.id, Viewer(tale.member, tale.server)) for tale in asked]
            assert [tale.state for tale in kept if tale] == [TaleState.DONE] * CARDS
        assert [reply.shown.id for reply in told] == before, "the same cards"
        cards = [seen for seen in people[0].screen() if seen.embeds]
        assert len({seen.id for seen in cards} & set(before)) == CARDS
