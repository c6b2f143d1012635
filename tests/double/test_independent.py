"""The same behaviour with another library: discord.js."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.places import Places
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.members import opus
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.voice.rtp import SILENCE
from tests.discord_double.voice.sealing import AES, XCHACHA
from tests.discord_double.voice.weather import FAIR, Weather

pytestmark = pytest.mark.node
HERE = Path(__file__).parent / "node"
WORDS = opus.Encoder().frames(np.random.default_rng(3).integers(-9000, 9000, (40 * 960, 2), np.int16))
PADDED = Weather(padding=8, extended=True, reports_every=10)
INSTALL = ("install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock")


@pytest.fixture(scope="session")
def modules() -> Path:
    """discord.js and its voice, installed once beside the weights; skipped where node cannot be had."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node is not installed")
    folder = Places.here().cache / "node"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = (HERE / "package.json").read_text(encoding="utf-8")
    stamp = folder / "installed.json"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        (folder / "package.json").write_text(wanted, encoding="utf-8")
        if subprocess.run(["npm", *INSTALL], cwd=folder, capture_output=True, timeout=300).returncode:
            pytest.skip("the npm packages cannot be had here")
        stamp.write_text(wanted, encoding="utf-8")
    return folder


class Javascript:
    """The bot in node, and what it says."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def says(self, event: str) -> dict[str, Any]:
        assert self._process.stdout is not None
        said_all: list[str] = []
        async with asyncio.timeout(20):
            while line := await self._process.stdout.readline():
                said_all.append(line.decode())
                if line.startswith(b"{"):
                    said: dict[str, Any] = json.loads(line)
                    assert said["event"] != "error", said
                    if said["event"] == event:
                        return said
        raise AssertionError(f"the bot in node ended before it said {event}:\n{''.join(said_all)}")


@pytest.fixture
async def javascript(
    double: LoopbackDiscord, guild: Neighbourhood, modules: Path, tmp_path: Path
) -> AsyncIterator[Javascript]:
    """A bot on discord.js, logged in."""
    frames = tmp_path / "frames.json"
    frames.write_text(json.dumps([each.hex() for each in WORDS]), encoding="utf-8")
    known = {
        "NODE_EXTRA_CA_CERTS": str(double.authority),
        "ECHOTALES_NODE_MODULES": str(modules),
        "NODE_NO_WARNINGS": "1",
    }
    command = ("node", str(HERE / "bot.cjs"), str(double.port), double.token, str(frames))
    process = await asyncio.create_subprocess_exec(
        *command, env=os.environ | known, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    bot = Javascript(process)
    assert (await bot.says("ready"))["guilds"] == 1
    yield bot
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


async def test_commands_buttons_and_files_work_as_with_discord_py(guild: Neighbourhood, javascript: Javascript) -> None:
    ana = guild.member("Ana")
    reply = await ana.tale("a fox")
    shown = await reply.shown.until(lambda seen: seen.files)
    assert (shown.content, shown.files[0].data) == ("Once upon a time there was a fox.", b"OggS")
    await ana.press("Cancel")
    assert (shown.text, shown.buttons) == ("Cancelled.", [])
    assert (await ana.slash("wrong")).text == "refused with 50035"


async def test_a_dropped_gateway_is_resumed(
    double: LoopbackDiscord, guild: Neighbourhood, javascript: Javascript
) -> None:
    double.drop_gateway()
    await javascript.says("resumed")
    await guild.owner.tale("after the drop")


@pytest.mark.parametrize("encrypts", [True, False])
@pytest.mark.parametrize("modes", [(AES, XCHACHA), (XCHACHA,)])
@pytest.mark.parametrize("weather", [FAIR, PADDED])
async def test_both_hear_each_other_frame_by_frame(
    double: LoopbackDiscord, guild: Neighbourhood, javascript: Javascript, encrypts: bool, modes: Any, weather: Weather
) -> None:
    double.hall.encrypts, double.hall.modes = encrypts, modes
    ana = guild.member("Ana")
    await ana.joins(guild.voice)
    await ana.slash("play")
    await javascript.says("playing")
    await ana.says_frames(WORDS, weather)
    heard = places([bytes.fromhex(each) for each in (await javascript.says("heard"))["frames"]])
    await asyncio.sleep(0.3)
    got = places([each.opus for each in ana.heard().frames])
    # Its receiver drops what overtakes SPEAKING, so the first frames may be missing; nothing else may.
    assert heard == list(range(len(WORDS)))[-len(heard) :]
    assert len(heard) >= len(WORDS) - 3
    assert got == list(range(len(WORDS)))
    assert not guild.seat_of(double.bot).room.violations


def places(frames: list[bytes]) -> list[int]:
    """Where in WORDS these frames stand; -1 for what nobody said."""
    return [WORDS.index(each) if each in WORDS else -1 for each in frames if each != SILENCE]
