"""A role that steers what is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.voice.player.status import Doing
from tests.bot.scene import on_stage
from tests.bot.voice.calling import settled

LONG = {"passages": 12, "seconds": 2.0, "step_s": 0.02}
TITLE = "The Keeper and the Storm"


@pytest.mark.slow
async def test_who_has_the_narrators_role_decides_alone_where_others_vote(tmp_path: Path) -> None:
    async with on_stage(tmp_path, troupe=LONG) as scene, scene.running() as bot:
        guild, voice = scene.guild, scene.guild.voice
        role = guild.role("Narrator", 0)
        ana, nia = (guild.member(name, roles=(role,)) for name in ("Ana", "Nia"))
        rui = guild.member("Rui")
        await bot.services.library.servers.change(str(guild.id), voice_roles=(str(role.id),))
        for each in (ana, nia, rui):
            await each.joins(voice)
        await ana.tale("a keeper")
        booth = bot.services.booths.of(guild.id)
        await settled(lambda: booth.now.doing is Doing.TELLING)
        for each in (nia, rui):
            each.opens(voice)
        voted = await rui.press("Stop", on=await rui.sees(TITLE, within_s=30, in_=voice))
        assert "1 of 2" in (await voted.done()).text
        assert booth.busy
        stopped = await nia.press("Stop", on=await nia.sees(TITLE, within_s=30, in_=voice))
        assert "Stopped" in (await stopped.done()).text
        await settled(lambda: not booth.busy)
