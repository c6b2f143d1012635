"""An executor stays while the bot wants it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.maintenance.executor_keeper import Charge, Keeper
from pipeline.road.lock import holder, lives
from pipeline.words.event import Done
from tests.faults.stage import Stage, eventually, heard, wish

pytestmark = pytest.mark.faults


def _charge(stage: Stage) -> Charge:
    told = {
        "database_url": stage.database_url,
        "state": str(stage.folder / "state"),
        "name": "one",
        "marks": str(stage.folder),
        "artifacts": str(stage.folder / "artifacts"),
    }
    return Charge((sys.executable, "-m", "tests.faults.stand_in", json.dumps(told)), stage.folder / "state", "one")


@asynccontextmanager
async def _kept(charge: Charge) -> AsyncIterator[Keeper]:
    async def no_sleep(seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.2))

    keeper = Keeper(charge, sleep=no_sleep)
    keeping = asyncio.create_task(keeper.keep())
    try:
        yield keeper
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def test_a_dead_executor_is_started_again_and_one_that_lives_is_adopted(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    charge = _charge(stage)
    try:
        async with stage.door() as door:
            async with _kept(charge) as keeper:
                await eventually(lambda: holder(charge.state, "one"))
                first = holder(charge.state, "one")
                os.kill(first, signal.SIGKILL)
                await eventually(lambda: holder(charge.state, "one") not in (0, first))
                assert keeper.starts == 2
            assert lives(charge.state, "one"), "it outlives the bot"
            async with _kept(charge) as new:
                await door.ask(wish("t1"))
                assert isinstance((await heard(door, "t1"))[-1], Done)
                assert new.starts == 0, "a new bot found it at work"
                await new.stop()
                assert not lives(charge.state, "one") or holder(charge.state, "one") != first
    finally:
        left = holder(charge.state, "one")
        if left:
            os.kill(left, signal.SIGKILL)
        stage.close()
