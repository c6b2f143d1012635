"""A worker tidies without listing all the time."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.artifacts import Artifacts
from pipeline.cli.worker import DEPOT_EVERY_S, Tidying
from pipeline.depot import Depot


def test_the_shared_store_is_listed_once_an_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed, now_s = 0, 0.0
    files = Depot.files

    def counted(self: Depot) -> object:
        nonlocal listed
        listed += 1
        return files(self)

    monkeypatch.setattr(Depot, "files", counted)
    keep = Artifacts(tmp_path / "one", Depot(f"file://{tmp_path}/depot"))
    keep(b"rain", ".wav")
    tidy = Tidying(keep, 1.0, lambda: now_s)
    for _ in range(5):
        tidy()
    assert listed == 1
    now_s = DEPOT_EVERY_S
    tidy()
    assert listed == 2
