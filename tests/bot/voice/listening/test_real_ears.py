"""/listen with a real executor and transcriber."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.voice.listening import live_listening
from pipeline.places import CHECKOUT, Places
from tests.bench._spoken_prompts import spoken_lines
from tests.bot.scene import on_stage
from tests.discord_double.voice.weather import Weather

pytestmark = [pytest.mark.weights_embedded, pytest.mark.slow, pytest.mark.timeout(900)]
WORKER = (sys.executable, str(CHECKOUT / "echotales.py"), "worker", "--name", "one", "--profile", "tiny", "--offline")

FEATURES = 1_184
"""Of a voice's tone."""


@contextmanager
def worker(home: Path) -> Iterator[None]:
    """An executor as an operator starts it, with this machine's weights."""
    (home / "cache").mkdir()
    (home / "cache" / "weights").symlink_to(Places.here().weights)
    with (home / "worker.log").open("wb") as log:
        process = subprocess.Popen(WORKER, cwd=CHECKOUT, stdout=log, stderr=log,
                                   env={**os.environ, "ECHOTALES_HOME": str(home)})  # fmt: skip
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)


async def test_spoken_words_come_through_the_call_onto_the_panel_and_the_bot_says_that_it_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_listening, "QUIET_S", 600.0)
    ((_, sound),) = spoken_lines(1)
    async with on_stage(tmp_path, works=False) as scene:
        ana, rui = scene.guild.member("Ana"), scene.guild.member("Rui")
        for each in (ana, rui):
            await each.joins(scene.guild.voice)
        with worker(tmp_path):
            async with scene.running() as bot:
                await ana.slash("listen")
                panel = await ana.sees("Listening in", within_s=60)
                announced = await rui.hears_out(quiet_s=1.0, within_s=300)
                assert announced.speakers == {scene.double.bot.id}
                assert announced.speech_s > 1.0, "by voice, not by a click"
                await ana.press("always here", on=panel)
                await ana.says(sound, Weather(lost_share=0.05, padded_share=0.1, swapped_share=0.05))
                await panel.until(lambda seen: "lighthouse keeper" in seen.text, within_s=400)
                session = bot.services.ears.of(scene.guild.id)
                assert session is not None
                (turn,) = session.scribe.turns
                assert turn.told is not None
                assert turn.told.feeling is not None
                assert len(turn.told.tone) == FEATURES
                assert not [path for path in answers(tmp_path) if "lighthouse" in path.read_text("utf-8")]
                await ana.press("Throw away", on=panel)
                await panel.until(lambda seen: "is deleted" in seen.text)


def answers(home: Path) -> list[Path]:
    """What executors answered, as far as it is still kept."""
    return list((home / "artifacts").rglob("*.json"))
