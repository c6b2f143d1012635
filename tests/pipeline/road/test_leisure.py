"""A fast machine chooses among drafts."""

from __future__ import annotations

import pytest

from pipeline.road.workshop import MOST, Leisure


@pytest.mark.parametrize(
    ("held_s", "drafts"),
    [(16.0, 1), (9.0, 1), (6.0, 3), (2.0, MOST), (0.0, MOST)],
    ids=["two cores", "hardly faster than speech", "a small card", "a big one", "by another machine"],
)
def test_the_number_follows_what_earlier_tales_took(held_s: float, drafts: int) -> None:
    leisure = Leisure(lambda: held_s)
    assert leisure.drafts() == 1, "nothing is known yet"
    leisure.told(200, 1)
    assert leisure.drafts() == drafts


def test_drafts_thrown_away_count_as_written_too() -> None:
    held_s = 0.0
    leisure = Leisure(lambda: held_s)
    for _ in range(3):
        drafts = leisure.drafts()
        held_s += 200 * 0.02 * drafts
        leisure.told(200, drafts)
        assert leisure.drafts() == MOST
