"""A silent database host holds nobody up."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from bot.library.database import opened
from pipeline.errors import TaleError
from pipeline.road.engine import connect
from pipeline.settings import POSTGRES_WAITS


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """It takes a connection, and that is all."""
    monkeypatch.setitem(POSTGRES_WAITS, "connect_timeout", 2)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"postgresql://echo@127.0.0.1:{listening.getsockname()[1]}/postgres"


def test_the_queue_gives_it_up(silent: str) -> None:
    with pytest.raises(sa.exc.OperationalError):
        connect(silent).connect()


async def test_the_library_gives_it_up(silent: str) -> None:
    with pytest.raises((sa.exc.OperationalError, TaleError)):
        async with opened(silent):
            pass
