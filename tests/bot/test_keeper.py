"""The keeper outlives what befalls it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from bot.maintenance.executor_keeper import Charge, Keeper, _signal
from pipeline.executor import repeat
from pipeline.road.lock import Lock, holder, lives
from tests.faults.stage import eventually

HOLDS = "import sys, time; from pathlib import Path; from pipeline.road.lock import Lock\n"
HOLDS += "with Lock(Path(sys.argv[1]), 'one') as lock:\n    lock.sign(); time.sleep(60)\n"


async def test_an_executor_that_cannot_be_started_now_is_started_later(tmp_path: Path) -> None:
    program = tmp_path / "python"
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            program.symlink_to(sys.executable)
        await asyncio.sleep(0.05)

    keeper = Keeper(Charge((str(program), "-c", HOLDS, str(tmp_path)), tmp_path, "one"), sleep=sleep)
    keeping = asyncio.create_task(keeper.keep())
    try:
        await eventually(lambda: holder(tmp_path, "one"))
        assert keeper.starts == 4
        assert not keeping.done()
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        if pid := holder(tmp_path, "one"):
            os.kill(pid, signal.SIGKILL)


def test_a_process_that_just_went_is_no_trouble() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    _signal(gone.pid, signal.SIGTERM)


def test_who_looks_whether_it_lives_keeps_nobody_from_starting(tmp_path: Path) -> None:
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            lives(tmp_path, "one")

    looking = [threading.Thread(target=look) for _ in range(2)]
    for one in looking:
        one.start()
    try:
        for _ in range(20):
            with Lock(tmp_path, "one"):
                assert lives(tmp_path, "one")
            time.sleep(0.01)
    finally:
        over.set()
        for one in looking:
            one.join()


def test_a_round_that_breaks_is_not_the_last() -> None:
    over, rounds = threading.Event(), 0

    def work() -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            over.set()
        raise KeyError(rounds)

    repeat(work, 0.01, over)
    assert rounds == 3
