"""Whoever is away, every tale is told once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.outages import Losses, outlast

OUTAGE_S = float(os.environ.get("OUTAGE_S", "20"))
"""OUTAGE_S=600 for the long proof."""
pytestmark = [pytest.mark.faults, pytest.mark.timeout(900 + 2 * OUTAGE_S)]


@pytest.mark.parametrize("whose", [pytest.param("database", marks=pytest.mark.postgres), "store", "rest", "gateway"])
async def test_an_outage_loses_no_tale_doubles_none_and_leaves_none_undelivered(whose: str, tmp_path: Path) -> None:
    losses = await outlast(tmp_path, whose, OUTAGE_S)
    print(whose, losses)
    assert losses == Losses(losses.tales, losses.refused, lost=0, undelivered=0, doubled=0)
    assert losses.tales >= 8
