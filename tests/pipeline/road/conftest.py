"""A stage on either database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.faults.stage import Stage
from tests.pipeline.road.postgres import served


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """One server for all tests."""
    with served() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """The same suite on SQLite and, by `-m postgres`, on a real server."""
    url = _fresh_database(request.getfixturevalue("postgres")) if request.param == "postgres" else ""
    made = Stage(tmp_path, url)
    yield made
    made.close()


def _fresh_database(server: str) -> str:
    name = f"road_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    return server.rpartition("/")[0] + f"/{name}"
