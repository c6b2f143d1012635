"""How many stand in line."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from pipeline.road.ledger import OPEN, Ledger, asked, jobs

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
