"""Everything lies in one home."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from bot.maintenance.executor_keeper import Keeper, here
from tests.faults.stage import eventually


async def test_the_executor_works_in_the_home_that_the_bot_was_given(tmp_path: Path) -> None:
    told = tmp_path / "told"
    code = f"import os, pathlib; pathlib.Path({str(told)!r}).write_text(os.environ['ECHOTALES_HOME'])"
    charge = replace(here(tmp_path / "state", "one", tmp_path), command=(sys.executable, "-c", code))
    keeping = asyncio.create_task(Keeper(charge).keep())
    try:
        await eventually(lambda: told.exists() and told.read_text("utf-8") == str(tmp_path))
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
