"""Place in line, and how long it lasts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate, product

import numpy as np
import sqlalchemy as sa

from pipeline.road.lanes import CPU, GPU, LIVE, SHORT, UPLOAD, queue_of
from pipeline.road.ledger import OPEN, Ledger, asked, devices, jobs, spent, workers
from pipeline.words.event import Queued

WHOLE = "*"
"""The row of a job's stages together."""
LATELY = 50
"""Jobs that count."""
_LEAST, _MOST = 20, 90
"""Percentiles of what jobs really took: a range is honest, a figure is not."""


WAITING, RUNNING = "waiting", "running"
_IN_LINE = (
    sa.select(asked.c.lane, jobs.c.status, sa.func.count())
    .select_from(asked.join(jobs, jobs.c.workflow_uuid == asked.c.job))
    .where(jobs.c.status.in_(OPEN))
    .group_by(asked.c.lane, jobs.c.status)
)


@dataclass(frozen=True)
class Pace:
    """Seconds a word of a tale takes on these machines, as a range."""

    least_s: float = 0.0
    most_s: float = 0.0


def pace_of(ledger: Ledger) -> Pace:
    """From the latest jobs; nought before the first."""
    query = sa.select(spent.c.seconds, spent.c.words).where(spent.c.stage == WHOLE)
    took = [row.seconds / row.words for row in ledger.rows(query.order_by(spent.c.id.desc()).limit(LATELY))]
    return Pace(*(float(one) for one in np.percentile(took, [_LEAST, _MOST]))) if took else Pace()


def places(ledger: Ledger, wanted: Iterable[str]) -> dict[str, Queued]:
    """How many are before each of these, and from when to when it may be told; jobs that do not wait are left out."""
    wanted = set(wanted)
    found: dict[str, Queued] = {}
    pace = pace_of(ledger)
    named = sa.select(devices.c.kind).join(workers, workers.c.name == devices.c.name)
    here = Counter(row[0] for row in ledger.rows(named))
    for kind, lane in product((CPU, GPU), (LIVE, SHORT, UPLOAD)):
        queue, at_work = queue_of(lane, kind), max(1, here[kind])
        under_way, running_words = _under_way(ledger, queue)
        waiting = _waiting(ledger, queue)
        before = accumulate((row.words for row in waiting), initial=running_words)
        for at, (row, words_before) in enumerate(zip(waiting, before, strict=False)):
            if row.job in wanted:
                words = words_before / at_work + row.words
                found[row.job] = Queued(under_way + at, round(words * pace.least_s, 1), round(words * pace.most_s, 1))
    return found


def _under_way(ledger: Ledger, queue: str) -> tuple[int, int]:
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(asked.c.words), 0))
    here = query.join_from(jobs, asked, jobs.c.workflow_uuid == asked.c.job)
    row = ledger.rows(here.where(jobs.c.status == "PENDING", jobs.c.queue_name == queue))[0]
    return int(row[0]), int(row[1])


def _waiting(ledger: Ledger, queue: str) -> list[sa.Row[tuple[str, int]]]:
    """In the very order in which executors take them."""
    query = sa.select(asked.c.job, asked.c.words).join_from(jobs, asked, jobs.c.workflow_uuid == asked.c.job)
    here = query.where(jobs.c.status == "ENQUEUED", jobs.c.queue_name == queue)
    return ledger.rows(here.order_by(jobs.c.priority, jobs.c.created_at))


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
