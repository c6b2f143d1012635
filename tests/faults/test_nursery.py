"""Executors under test outlive nobody."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from pipeline.places import CHECKOUT
from tests.faults.stage import eventually

BEGIN = """
import sys, time
from pathlib import Path
from tests.faults.stage import Stage
print(Stage(Path(sys.argv[1]), f"sqlite:///{sys.argv[1]}/road.db").executor().pid, flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each executor is a child of its own")
async def test_an_executor_ends_with_who_began_it_even_where_that_was_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", BEGIN, str(tmp_path)]
    whoever = await asyncio.create_subprocess_exec(*command, cwd=CHECKOUT, stdout=asyncio.subprocess.PIPE)
    assert whoever.stdout is not None
    executor = Path("/proc") / (await whoever.stdout.readline()).decode().strip()
    assert executor.exists()
    whoever.kill()
    await whoever.wait()
    await eventually(lambda: not executor.exists(), within_s=60.0)
