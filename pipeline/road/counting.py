"""How many stand in line."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from pipeline.road.estimate import WHOLE
from pipeline.road.ledger import OPEN, Ledger, asked, jobs, spent

WAITING, RUNNING = "waiting", "running"
_IN_LINE = (
    sa.select(asked.c.lane, jobs.c.status, sa.func.count())
    .select_from(asked.join(jobs, jobs.c.workflow_uuid == asked.c.job))
    .where(jobs.c.status.in_(OPEN))
    .group_by(asked.c.lane, jobs.c.status)
)


def in_line(ledger: Ledger) -> Mapping[tuple[str, str], int]:
    """Open jobs by lane, and by `waiting` or `running`."""
    found: dict[tuple[str, str], int] = {}
    for lane, status, count in ledger.rows(_IN_LINE):
        key = (str(lane), RUNNING if status == "PENDING" else WAITING)
        found[key] = found.get(key, 0) + int(count)
    return found


def spent_after(ledger: Ledger, number: int) -> tuple[int, list[tuple[str, float]]]:
    """(The last entry's number, what each stage of a job took in seconds) of those written after that number."""
    query = sa.select(spent.c.id, spent.c.stage, spent.c.seconds).where(spent.c.id > number).order_by(spent.c.id)
    rows = ledger.rows(query)
    took = [(str(row.stage), float(row.seconds)) for row in rows if row.stage != WHOLE]
    return (int(rows[-1].id) if rows else number), took
