"""The voice goes before the models."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pipeline.executor import NICER
from tests.bot.scene import on_stage
from tests.bot.voice.calling import settled


@pytest.mark.skipif(sys.platform != "linux", reason="other systems are asked for less")
async def test_an_executor_lets_the_bot_go_first_with_every_thread_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")  # as the verb `worker` does: else numpy has threads before us
    async with on_stage(tmp_path) as scene:
        (process,) = scene.stage.alive
        own = os.getpriority(os.PRIO_PROCESS, 0)
        await settled(lambda: "executor_ready" in scene.stage.log())
        for thread in _threads(process.pid):
            assert os.getpriority(os.PRIO_PROCESS, thread) >= own + NICER
            assert os.sched_getscheduler(thread) == os.SCHED_BATCH


def _threads(process: int) -> list[int]:
    return [int(one.name) for one in Path(f"/proc/{process}/task").iterdir()]
