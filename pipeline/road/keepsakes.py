"""What the queue keeps of a member."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pipeline.log import log_of
from pipeline.road.dbos_inside import Tables
from pipeline.road.engine import seal_of
from pipeline.road.ledger import OPEN, Ledger, asked, died, hung, jobs, loose
from pipeline.seal import Seal
from pipeline.words.sound import Artifact

HOLDING = (
    *("workflow_status", "workflow_input", "workflow_output", "operation_outputs", "notifications"),
    *("workflow_events", "workflow_events_history", "streams", "road_asked", "road_hung"),
    *("road_died", "road_loose"),
)
"""Tables that may hold something of a member."""


@dataclass(frozen=True)
class Keepsake:
    """One row of one of these tables."""

    table: str
    row: dict[str, Any]
    """Plain values; what is JSON inside stays text."""


SETTLES_S = 2.0
"""Seconds within which a cancelled job's last step ends; until then it may still write."""
_AT_ONCE = 500
_CHECKPOINT_TRIES, _CHECKPOINT_WAIT_S = 100, 0.1
_BY_JOB: Mapping[str, sa.Column[Any]] = {
    "workflow_status": jobs.c.workflow_uuid,
    "workflow_input": Tables.workflow_input.c.workflow_uuid,
    "workflow_output": Tables.workflow_output.c.workflow_uuid,
    "operation_outputs": Tables.operation_outputs.c.workflow_uuid,
    "notifications": Tables.notifications.c.destination_uuid,
    "workflow_events": Tables.workflow_events.c.workflow_uuid,
    "workflow_events_history": Tables.workflow_events_history.c.workflow_uuid,
    "streams": Tables.streams.c.workflow_uuid,
    "road_asked": asked.c.job,
    "road_hung": hung.c.job,
    "road_died": died.c.job,
    "road_loose": loose.c.job,
}
assert set(_BY_JOB) == set(HOLDING)
log = log_of("road")


def jobs_of(ledger: Ledger, member: str) -> list[str]:
    """Return every job that this member asked for, finished ones too."""
    told = ledger.rows(sa.select(jobs.c.workflow_uuid).where(jobs.c.authenticated_user == member))
    waiting = ledger.rows(sa.select(asked.c.job).where(asked.c.member == member))
    return sorted({row[0] for row in (*told, *waiting)})


def kept(ledger: Ledger, wanted: Iterable[str]) -> list[Keepsake]:
    """Return the inputs, steps, events and results of these jobs."""
    found, seal = [], seal_of(ledger.engine)
    for some in _parts(wanted):
        for table, column in _BY_JOB.items():
            rows = ledger.rows(sa.select(column.table).where(column.in_(some)))
            found += [Keepsake(table, _plain(row._mapping, seal)) for row in rows]
    return found


def halt(ledger: Ledger, wanted: Iterable[str], sleep: Callable[[float], None] = time.sleep) -> None:
    """Stop these jobs and wait for their last step, so that their rows name all they made."""
    if _stop(ledger, list(wanted)):
        sleep(SETTLES_S)


def let_go(
    ledger: Ledger, wanted: Iterable[str], *, packed: bool = True, sleep: Callable[[float], None] = time.sleep
) -> int:
    """Stop these jobs and delete all their rows; returns how many.

    `packed`, the database is written anew without a free page, which takes it for a while.
    """
    every, gone = list(wanted), 0
    halt(ledger, every, sleep)
    for some in _parts(every):
        for column in reversed(list(_BY_JOB.values())):
            gone += _deleted(ledger, column, some)
    if gone:
        _tidy(ledger, packed, sleep)
    return gone


def loose_ones(ledger: Ledger) -> list[Artifact]:
    """Return files that ended jobs kept and nothing else names."""
    ended = sa.or_(jobs.c.status.is_(None), jobs.c.status.not_in(OPEN))
    left = sa.select(loose.c.sha256, loose.c.suffix).outerjoin(jobs, jobs.c.workflow_uuid == loose.c.job).where(ended)
    return [Artifact(row[0], row[1], 0) for row in ledger.rows(left)]


def forget_loose(ledger: Ledger, gone: Iterable[Artifact]) -> None:
    """Remove the rows of loose files that were dealt with."""
    for some in _parts(one.sha256 for one in gone):
        ledger.write(sa.delete(loose).where(loose.c.sha256.in_(some)))


def old_jobs(ledger: Ledger, before_s: float) -> list[str]:
    """Return jobs that ended before then; what they made is kept elsewhere."""
    ended = sa.select(jobs.c.workflow_uuid).where(jobs.c.status.not_in(OPEN), jobs.c.updated_at < before_s * 1000)
    return [row[0] for row in ledger.rows(ended)]


def _stop(ledger: Ledger, wanted: list[str]) -> int:
    stopped = 0
    for some in _parts(wanted):
        running = sa.update(jobs).where(jobs.c.workflow_uuid.in_(some), jobs.c.status.in_(OPEN))
        # Without its owner nobody writes for it any more.
        ended = running.values(status="CANCELLED", queue_name=None, owner_xid=None)
        stopped += ledger.write(ended.values(completed_at=round(time.time() * 1000)))
    return stopped


def _deleted(ledger: Ledger, column: sa.Column[Any], some: list[str]) -> int:
    with ledger.engine.begin() as connection:
        return int(connection.execute(sa.delete(column.table).where(column.in_(some))).rowcount)


def _tidy(ledger: Ledger, packed: bool, sleep: Callable[[float], None]) -> None:
    """Overwrite deleted rows in the log and in free pages too."""
    if ledger.engine.dialect.name != "sqlite":
        if packed:
            with ledger.engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT").execute(sa.text("vacuum"))
        return
    if packed:
        with ledger.engine.connect() as connection:
            connection.execute(sa.text("vacuum"))
    for _ in range(_CHECKPOINT_TRIES):
        if _emptied(ledger):
            return
        sleep(_CHECKPOINT_WAIT_S)
    log.warning("road_log_kept")


def _emptied(ledger: Ledger) -> bool:
    """Whether the log could be emptied; not while somebody still reads an older state.

    SQLite itself would wait for that reader half a minute and let nobody write: not even whom the reader waits for.
    """
    with ledger.engine.connect() as connection:
        patience = connection.execute(sa.text("pragma busy_timeout")).scalar_one()
        try:
            connection.execute(sa.text("pragma busy_timeout=0"))
            return not connection.execute(sa.text("pragma wal_checkpoint(truncate)")).one()[0]
        finally:
            connection.execute(sa.text(f"pragma busy_timeout={patience}"))


def _parts(wanted: Iterable[str]) -> list[list[str]]:
    every = list(wanted)
    return [every[first : first + _AT_ONCE] for first in range(0, len(every), _AT_ONCE)]


def _plain(row: Mapping[Any, Any], seal: Seal) -> dict[str, Any]:
    opened = {str(name): seal.open(value) if isinstance(value, str) else value for name, value in row.items()}
    return {name: json.loads(json.dumps(value, default=str)) for name, value in opened.items() if value is not None}
