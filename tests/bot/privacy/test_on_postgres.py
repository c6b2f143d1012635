"""Erased on Postgres is erased, too."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from bot.library.library import open_library
from bot.privacy.privacy import Privacy
from bot.privacy.verb_privacy import row_traces
from pipeline.artifacts import Artifacts
from pipeline.road.door import door
from tests.bot.privacy.living import lived
from tests.faults.stage import Stage
from tests.pipeline.road.postgres import served

COLUMNS = """select table_schema, table_name from information_schema.tables
    where table_schema not in ('pg_catalog', 'information_schema')"""


@pytest.mark.postgres
async def test_no_row_of_either_database_names_who_was_erased(tmp_path: Path, ana: str, ben: str) -> None:
    with served() as url:
        stage = Stage(tmp_path, url)
        stage.executor()
        try:
            async with open_library(url) as library, door(url) as at:
                privacy = Privacy(library, at, Artifacts(tmp_path / "artifacts"), tmp_path)
                tale = await lived(privacy, ana)
                await lived(privacy, ben)
                assert len(_naming(url, ana)) >= 6
                assert {one.table for one in await row_traces(library.engine, ana)} == set(_naming(url, ana))
                assert any(name.endswith(".workflow_input") for name in _naming(url, tale.prompt.text))
                await privacy.erase_member(ana)
                for name in (ana, tale.prompt.text, tale.id):
                    assert await row_traces(library.engine, name) == []
                    assert _naming(url, name) == []
                assert len(_naming(url, ben)) >= 6
        finally:
            stage.close()


def _naming(url: str, name: str) -> list[str]:
    """Tables in which these letters stand in any column."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(COLUMNS).fetchall()
        found = []
        for schema, table in tables:
            query = f'select count(*) from "{schema}"."{table}" as row where row::text like %s'
            counted = connection.execute(query.encode(), (f"%{name}%",)).fetchone()
            if counted and counted[0]:
                found.append(f"{schema}.{table}")
        return found
