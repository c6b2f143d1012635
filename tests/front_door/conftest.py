"""A checkout whose environment was made once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.front_door.checkout import SmallCheckout, small_checkout


@pytest.fixture(scope="session")
def first_used(tmp_path_factory: pytest.TempPathFactory) -> SmallCheckout:
    """After its first use; nobody changes it."""
    made = small_checkout(tmp_path_factory.mktemp("clone"))
    first = made.run("tell", "a tale", "é 夜")
    assert first.returncode == 0, first.stderr
    assert "Making the environment" in first.stderr
    assert json.loads(first.stdout)[:2] == [["a tale", "é 夜"], "1.0"]
    return made


@pytest.fixture(scope="session")
def used_before(first_used: SmallCheckout) -> Callable[[Path], SmallCheckout]:
    """Make a copy in a folder, environment and all: making one costs more than whatever is tried in it."""

    def copied(folder: Path) -> SmallCheckout:
        shutil.copytree(first_used.folder, folder, symlinks=True, dirs_exist_ok=True)
        return SmallCheckout(folder, folder / "wheels")

    return copied
