"""Whatever dies, members see every tale once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.killing_bot import kill_the_bot_often

KILLS = int(os.environ.get("BOT_KILLS", "12"))
"""BOT_KILLS=200 for the long proof, with -s to see it go."""
pytestmark = [pytest.mark.faults, pytest.mark.timeout(300 + 20 * KILLS)]


async def test_kills_of_the_bot_and_its_executor_cost_no_tale_and_repeat_no_message(tmp_path: Path) -> None:
    toll = await kill_the_bot_often(tmp_path, KILLS, seed=4)
    assert toll.kills >= KILLS
    assert toll.tales >= KILLS / 3, "members got through between the kills"
    assert (toll.lost, toll.doubled, toll.changed) == (0, 0, 0)
