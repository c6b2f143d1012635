"""Spite shows nothing, calls nobody, reaches nothing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults.hostile import forged, spite
from tests.faults.hostile.figures import HARMS
from tests.faults.hostile.whole import spent


@pytest.mark.faults
@pytest.mark.timeout(7_200)
async def test_a_night_of_spite_does_no_harm(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    figures, told = await spent(request.config.option.hostile, request.config.option.seed, tmp_path)
    assert figures.alive
    assert figures.packets
    assert figures.hardships
    assert figures.plays
    assert not {name: getattr(figures, name) for name in HARMS if getattr(figures, name)}, told[:20]


def test_a_seed_gives_the_same_spite() -> None:
    one, two = ([spite.words(random.Random(at)), spite.file(random.Random(at))] for at in (7, 7))
    assert one == two
    ids = [forged.custom_id(random.Random(at), ["tales:list:mine:0"], ["a" * 32]) for at in range(200)]
    assert all(0 < len(one) <= forged.MOST_ID for one in ids)
    assert any("a" * 32 in one for one in ids)
