"""What the shelf holds is said."""

from __future__ import annotations

import json
import time
from pathlib import Path

from pipeline.cancelled import Cancelled
from pipeline.cli.worker_status import reporting
from pipeline.shelf.budget import Budget
from pipeline.shelf.shelf import Device, Offer, Shelf
from pipeline.words.jsonable import from_json
from pipeline.words.standing import AtWork


class Model:
    def close(self) -> None:
        return


def test_loaded_models_and_the_memory_of_their_device_are_said_while_it_works(tmp_path: Path) -> None:
    device = Device(Budget(1_000.0, lambda: 300.0, {}))
    shelf = Shelf(lambda _role, _needs: [Offer("small", "cpu", 120.0, Model)], {"cpu": device})
    file = tmp_path / "state" / "at_work.json"
    with reporting(shelf.at_work, file, every_s=0.01):
        assert _within(file, lambda told: not told.loaded and not told.devices)
        with shelf.borrow(Model, Cancelled()):
            assert _within(file, lambda told: [(one.model, one.pinned) for one in told.loaded] == [("small", True)])
        assert _within(file, lambda told: [one.pinned for one in told.loaded] == [False])
        told = from_json(AtWork, json.loads(file.read_bytes()))
        assert [(one.device, one.used_mb, one.most_mb) for one in told.devices] == [("cpu", 300.0, 1_000.0)]
    assert not file.exists()


def _within(file: Path, holds: object, within_s: float = 5.0) -> bool:
    """Whether it comes true in time."""
    until_s = time.monotonic() + within_s
    while time.monotonic() < until_s:
        if file.exists() and holds(from_json(AtWork, json.loads(file.read_bytes()))):  # type: ignore[operator]  # a lambda
            return True
        time.sleep(0.01)
    return False
