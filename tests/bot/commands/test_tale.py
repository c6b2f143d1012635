"""What a member gets for /tale."""

from __future__ import annotations

from pathlib import Path

from tests.bot.scene import on_stage


async def test_a_prompt_is_answered_at_once_and_told_by_another_process(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as scene, scene.running() as bot:
        ana = scene.guild.member("Ana", locale="pt-BR")
        told = await ana.tale("um farol")
        assert not told.failed
        await told.shown.until(lambda seen: "The Keeper and the Storm" in seen.text, within_s=30)
        await told.shown.until(lambda seen: not seen.buttons, within_s=30)
        assert await bot.services.library.tales.open_ones() == []
