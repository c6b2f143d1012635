"""Another DBOS is noticed at the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import Missing
from pipeline.road.dbos_inside import System, check_fits
from pipeline.road.engine import connect, make_ready
from pipeline.wording import sentence


def test_one_that_changed_inside_is_refused_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_fits()
    monkeypatch.delattr(System, "_check_owner_txn")
    with pytest.raises(Missing, match="road_outgrown") as told:
        make_ready(connect(f"sqlite:///{tmp_path}/road.db"))
    said = sentence(told.value, "en")
    assert "_check_owner_txn" in said
    assert "\n" not in said
