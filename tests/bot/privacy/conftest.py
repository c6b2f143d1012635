"""A whole installation with members in it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.library.library import open_library
from bot.privacy.privacy import Privacy
from pipeline.artifacts import Artifacts
from pipeline.road.door import door
from tests.faults.stage import Stage


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folders of a real installation, with an executor without models at work in them."""
    folder = tmp_path_factory.mktemp("installation")
    home, beside = folder / "home", folder / "beside"
    for one in (home / "state", beside):
        one.mkdir(parents=True)
    stage = Stage(beside, f"sqlite:///{home}/state/road.db")
    stage.executor(state=str(home / "state"), artifacts=str(home / "artifacts"))
    yield home
    stage.close()


@pytest.fixture
async def privacy(home: Path) -> AsyncIterator[Privacy]:
    """Library and road, opened."""
    async with open_library(home) as library, door(f"sqlite:///{home}/state/road.db") as at:
        yield Privacy(library, at, Artifacts(home / "artifacts"), home)


@pytest.fixture
def ana() -> str:
    """Somebody nobody met before."""
    return snowflake()


@pytest.fixture
def ben() -> str:
    """Somebody else."""
    return snowflake()


def snowflake() -> str:
    """An id as Discord gives them."""
    return str(random.randrange(10**17, 10**18))
