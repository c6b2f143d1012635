"""A library on either database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from bot.library.library import Library, open_library
from tests.pipeline.road.postgres import served


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """One server for all tests."""
    with served() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """The same suite on SQLite and, by `-m postgres`, on a real server."""
    return tmp_path if request.param == "sqlite" else fresh_database(request.getfixturevalue("postgres"))


@pytest.fixture
async def library(where: str | Path) -> AsyncIterator[Library]:
    """Empty."""
    async with open_library(where) as made:
        yield made


def fresh_database(server: str) -> str:
    """A database of its own on that server."""
    name = f"library_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    return server.rpartition("/")[0] + f"/{name}"
