"""A real small tale on Discord."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.places import CHECKOUT, Places
from tests.bot.scene import Scene, on_stage

pytestmark = pytest.mark.slow
WITHIN_S = 280.0


async def test_a_prompt_becomes_a_narrated_file_in_the_channel(tmp_path: Path) -> None:
    async with on_stage(tmp_path, works=False) as scene:
        _worker(scene)
        async with scene.running() as bot:
            await bot.services.library.servers.change(str(scene.guild.id), words=40)
            ana = scene.guild.member("Ana")
            told = await ana.slash("tale", prompt="A lighthouse keeper befriends a storm", where="upload")
            assert not told.failed
            shown = await told.shown.until(lambda seen: seen.embeds, within_s=30)
            delivered = await shown.until(
                lambda _: next((one for one in ana.screen() if one.files), None), within_s=WITHIN_S
            )
            [sound, *_] = [file for one in ana.screen() for file in one.files if file.name.endswith((".mp3", ".ogg"))]
            assert len(sound.data) > 50_000
            assert delivered.embeds


def _worker(scene: Scene) -> None:
    """The verb itself, its weights those of this machine."""
    (scene.home / "cache").mkdir()
    (scene.home / "cache" / "weights").symlink_to(Places.here().weights)
    command = [sys.executable, "echotales.py", "worker", "--name", "real", "--profile", "tiny"]
    environ = {**os.environ, "ECHOTALES_HOME": str(scene.home)}
    with (scene.home / "real.log").open("ab") as log:
        scene.stage.alive.append(subprocess.Popen(command, cwd=CHECKOUT, env=environ, stderr=log, stdout=log))
