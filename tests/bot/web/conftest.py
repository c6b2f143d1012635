"""A door for each file."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.bot.web.opened import Opened, door_open


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Opened]:
    async with door_open(tmp_path_factory.mktemp("door")) as opened:
        yield opened
