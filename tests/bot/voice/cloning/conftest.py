"""A little Discord whose executor learns voices."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.voice.listening import live_listening
from tests.bot.scene import Scene, on_stage
from tests.bot.voice.cloning.learns import LEARNS


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has read is not waited for long."""
    monkeypatch.setattr(live_listening, "QUIET_S", 1.0)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """Its executor learns whatever it is given."""
    async with on_stage(tmp_path, troupe=LEARNS) as one:
        yield one


@pytest.fixture
async def bare(tmp_path: Path) -> AsyncIterator[Scene]:
    """No executor yet: a test brings its own."""
    async with on_stage(tmp_path, works=False) as one:
        yield one
