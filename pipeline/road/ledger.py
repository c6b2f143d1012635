"""The queue's own database tables."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from pipeline.errors import Unwell
from pipeline.road.dbos_inside import Tables
from pipeline.road.engine import for_looks, make_ready

jobs = Tables.workflow_status
streams = Tables.streams
OPEN = ("ENQUEUED", "PENDING", "DELAYED")
"""States of a job that somebody still waits for."""
PENDING: sa.ColumnElement[str] = sa.literal_column("'PENDING'")
"""Under way. Said in the query itself: SQLite takes the index of those for a word it sees, not for one it is handed."""
_MAKE_TRIES = 5

_ours = sa.MetaData()
asked = sa.Table(
    "road_asked",
    _ours,
    sa.Column("job", sa.Text, primary_key=True),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("server", sa.Text, nullable=False),
    sa.Column("member", sa.Text, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("words", sa.Integer, nullable=False),
    sa.Index("road_asked_server", "lane", "server", "turn"),
    sa.Index("road_asked_member", "member"),
    sa.Index("road_asked_of_server", "server"),
    sa.Index("road_asked_turn", "lane", "turn"),
)
workers = sa.Table(
    "road_workers",
    _ours,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("beat", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)
devices = sa.Table(
    "road_devices",
    _ours,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
)
spent = sa.Table(
    "road_spent",
    _ours,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("words", sa.Integer, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Index("road_spent_stage", "stage", "id"),
)
hung = sa.Table(
    "road_hung",
    _ours,
    sa.Column("job", sa.Text, primary_key=True),
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("times", sa.Integer, nullable=False),
)
loose = sa.Table(
    "road_loose",
    _ours,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("job", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("suffix", sa.Text, nullable=False),
    sa.Index("road_loose_job", "job"),
)
"""Table of files that a job kept and no finished step of it names."""
erased = sa.Table(
    "road_erased",
    _ours,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("mark", sa.Text, nullable=False),
    sa.Column("at", sa.Integer, nullable=False),
    sqlite_autoincrement=True,
)
"""A number is never given twice, or a worker would miss the entry that has it again."""
died = sa.Table(
    "road_died",
    _ours,
    sa.Column("job", sa.Text, primary_key=True),
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("times", sa.Integer, nullable=False),
)


@dataclass(frozen=True)
class Ledger:
    """Access to the queue's database: the engine's tables and ours."""

    engine: sa.Engine

    def make(self) -> None:
        """Make missing tables; raises Unwell `road_unreadable`. Two processes may do so at once."""
        make_ready(self.engine)
        for more in range(_MAKE_TRIES - 1, -1, -1):
            try:
                _ours.create_all(self.engine)
                self._index()
                break
            except sa.exc.DatabaseError as error:
                if not more:
                    raise Unwell("road_unreadable", database=str(self.engine.url), why=str(error.orig)) from error
                time.sleep(0.1)

    def _index(self) -> None:
        """Add today's indexes to tables of an earlier version too."""
        for table in _ours.tables.values():
            for index in table.indexes:
                index.create(self.engine, checkfirst=True)

    @cached_property
    def _looks(self) -> sa.Engine:
        return for_looks(self.engine)

    def rows(self, query: sa.Select[Any] | sa.CompoundSelect[Any]) -> list[Any]:
        """Run one query and fetch all its rows."""
        with self._looks.connect() as connection:
            return list(connection.execute(query).fetchall())

    def write(self, change: sa.UpdateBase) -> int:
        """Run one change; returns how many rows it changed."""
        with self.engine.begin() as connection:
            return int(connection.execute(change).rowcount)
