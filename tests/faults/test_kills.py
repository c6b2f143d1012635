"""Whatever dies, every tale is told once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.killing import kill_often

KILLS = int(os.environ.get("KILLS", "20"))
"""KILLS=200 for the long proof, with -s to see it go."""
pytestmark = [pytest.mark.faults, pytest.mark.timeout(120 + 20 * KILLS)]


def test_kills_at_random_moments_lose_double_and_change_nothing(tmp_path: Path) -> None:
    toll = kill_often(tmp_path, KILLS, seed=4)
    assert toll.kills >= KILLS
    assert toll.trapped > 0, "some died inside keep, once or say"
    assert (toll.lost, toll.doubled, toll.changed) == (0, 0, 0)
