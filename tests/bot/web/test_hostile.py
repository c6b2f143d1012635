"""The door under hostile requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.web.hostile import attack, summed
from tests.bot.web.opened import door_open


async def test_nothing_leaks_and_nothing_breaks(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    async with door_open(tmp_path) as door:
        harm = await attack(door, min(200, pytestconfig.getoption("--hostile")), pytestconfig.getoption("--seed"))
    assert harm.leaks == []
    assert harm.broke == [], summed(harm)
