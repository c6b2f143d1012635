"""The bot begins and goes gracefully."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

import bot.cli
from pipeline.settings import Settings
from tests.bot.scene import on_stage
from tests.faults.stage import eventually


def test_without_a_token_it_says_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.cli, "read_settings", Settings)
    assert bot.cli.main([]) == 3
    assert "echotales.py setup" in capsys.readouterr().err


async def test_asked_to_go_it_says_so_and_leaves_its_tales_open(tmp_path: Path) -> None:
    async with on_stage(tmp_path, works=False) as scene:
        told: list[object] = []
        one = scene.bot()
        running = asyncio.create_task(bot.cli.run(one, told.append))
        await eventually(one.is_ready)
        ana = scene.guild.member("Ana")
        await (await ana.tale("a fox")).done()
        os.kill(os.getpid(), signal.SIGTERM)
        assert await running == 0
        assert "next start" in str(told[0])
        async with scene.running() as again:
            assert len(await again.services.library.tales.open_ones()) == 1
