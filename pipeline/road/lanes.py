"""Queues, turns, limits and estimates of waiting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate, product
from typing import Any

import numpy as np
import sqlalchemy as sa

from pipeline.errors import Refused
from pipeline.road.ledger import OPEN, PENDING, Ledger, asked, devices, jobs, spent, workers
from pipeline.words.event import Queued
from pipeline.words.prompt import WORDS_PER_MINUTE
from pipeline.words.request import Asked, Embed, Explain, Film, Request, Tell, Transcribe

WHOLE = "*"
"""Name of all stages of a job together in the table of times."""
LATELY = 50
"""How many of the latest jobs an estimate looks at."""
_LEAST, _MOST = 20, 90
"""Percentiles of the times of real jobs: an estimate is a range, since no single figure would be true."""


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
    """Return the pace of the latest jobs; 0 to 0 before the first."""
    query = sa.select(spent.c.seconds, spent.c.words).where(spent.c.stage == WHOLE)
    took = [row.seconds / row.words for row in ledger.rows(query.order_by(spent.c.id.desc()).limit(LATELY))]
    return Pace(*(float(one) for one in np.percentile(took, [_LEAST, _MOST]))) if took else Pace()


def places(ledger: Ledger, wanted: Iterable[str]) -> dict[str, Queued]:
    """Return how many jobs are before each of these, and when it may be done; jobs that do not wait are left out."""
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
                # What is before it is shared among the workers; its own words are one worker's alone.
                words = words_before / at_work + row.words
                found[row.job] = Queued(under_way + at, round(words * pace.least_s, 1), round(words * pace.most_s, 1))
    return found


def _under_way(ledger: Ledger, queue: str) -> tuple[int, int]:
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(asked.c.words), 0))
    here = query.join_from(jobs, asked, jobs.c.workflow_uuid == asked.c.job)
    row = ledger.rows(here.where(jobs.c.status == "PENDING", jobs.c.queue_name == queue))[0]
    return int(row[0]), int(row[1])


def _waiting(ledger: Ledger, queue: str) -> list[sa.Row[tuple[str, int]]]:
    """Return the waiting jobs in the order in which executors take them."""
    query = sa.select(asked.c.job, asked.c.words).join_from(jobs, asked, jobs.c.workflow_uuid == asked.c.job)
    here = query.where(jobs.c.status == "ENQUEUED", jobs.c.queue_name == queue)
    return ledger.rows(here.order_by(jobs.c.priority, jobs.c.created_at))


def in_line(ledger: Ledger) -> Mapping[tuple[str, str], int]:
    """Count the open jobs by lane, and by `waiting` or `running`."""
    found: dict[tuple[str, str], int] = {}
    for lane, status, count in ledger.rows(_IN_LINE):
        key = (str(lane), RUNNING if status == "PENDING" else WAITING)
        found[key] = found.get(key, 0) + int(count)
    return found


def spent_after(ledger: Ledger, number: int) -> tuple[int, list[tuple[str, float]]]:
    """Return the last entry's number and the seconds each stage took, of entries after `number`."""
    query = sa.select(spent.c.id, spent.c.stage, spent.c.seconds).where(spent.c.id > number).order_by(spent.c.id)
    rows = ledger.rows(query)
    took = [(str(row.stage), float(row.seconds)) for row in rows if row.stage != WHOLE]
    return (int(rows[-1].id) if rows else number), took


LIVE, SHORT, UPLOAD = "live", "short", "upload"
"""A tale somebody listens to; a request of seconds; a tale that is only uploaded. Each has a queue for every device."""
CPU, GPU = "cpu", "gpu"
"""Kinds of device."""
SHORT_AT_ONCE = 2
"""Short requests an executor holds open beside its tales; the device itself serves one at a time."""
_SHORT_WORDS = WORDS_PER_MINUTE // 4


@dataclass(frozen=True)
class Limits:
    """How many jobs may wait or run at a time."""

    member: int = 3
    server: int = 60
    bot: int = 20_000


@dataclass(frozen=True)
class Glance:
    """State of the other jobs that decides whether one more is taken in."""

    known: bool
    """Whether a job with this id was enqueued before."""
    member: int
    server: int
    bot: int
    """Number of rows of each, open or not: never fewer than the open ones."""
    at_work: frozenset[str]
    """Kinds of device that a worker serves."""


def lane_of(request: Request) -> str:
    """Return the lane a request waits in."""
    match request:
        case Tell(live=True):
            return LIVE
        case Tell() | Film():
            return UPLOAD
        case _:
            return SHORT


def queue_of(lane: str, kind: str) -> str:
    """Return the name of the queue of one lane and one kind of device."""
    return f"{lane}.{kind}"


def queues(tales_in_flight: int, kind: str = CPU) -> dict[str, int]:
    """Return the queues that an executor with this kind of device serves, with the most open jobs of each."""
    at_once = {LIVE: tales_in_flight, SHORT: SHORT_AT_ONCE, UPLOAD: tales_in_flight}
    return {queue_of(lane, kind): most for lane, most in at_once.items()}


def kind_for(request: Request, at_work: Container[str]) -> str:
    """Return the kind of device to wait for: a graphics card for tales and voices, a CPU for the rest."""
    wished = (CPU, GPU) if isinstance(request, (Transcribe, Explain, Embed, Film)) else (GPU, CPU)
    return next((kind for kind in wished if kind in at_work), CPU)


def words_of(request: Request) -> int:
    """Return how much work a request is, in words of a tale."""
    return request.prompt.work if isinstance(request, Tell) else _SHORT_WORDS


def turn_of(connection: sa.Connection, lane: str, server: str) -> int:
    """Return a job's turn: one after its server's last job, or now for a server with none; so servers alternate."""
    # Two questions: of a joined one some databases would walk through all that wait.
    begun = [row[0] for row in connection.execute(_BEGUN)]
    now: int | None = connection.scalar(_LAST_BEGUN, {"lane": lane, "begun": begun}) if begun else None
    if now is None:
        now = connection.scalar(_FIRST_WAITING, {"lane": lane})
    last: int | None = connection.scalar(_LAST_OF_SERVER, {"lane": lane, "server": server})
    # An engine's priority starts at 1; 0 would overtake everybody.
    return max(1, now or 1, (last or 0) + 1)


def glance_at(connection: sa.Connection, wish: Asked) -> Glance:
    """Read what decides whether this job is taken in."""
    # In one query: here a query costs more than what it looks up.
    who = {"job": wish.job, "member": wish.member, "server": wish.server}
    known, member, server, bot, *served = tuple(connection.execute(_GLANCE, who).one())
    at_work = frozenset(kind for kind, is_here in zip((CPU, GPU), served, strict=True) if is_here)
    return Glance(bool(known), member, server, bot, at_work)


def hold_to(limits: Limits, connection: sa.Connection, wish: Asked, seen: Glance) -> None:
    """Check the limits; raises Refused `member_has_enough`, `server_has_enough` or `bot_has_enough`."""
    for code, most, of, who, rows in (
        ("member_has_enough", limits.member, "member", wish.member, seen.member),
        ("server_has_enough", limits.server, "server", wish.server, seen.server),
        ("bot_has_enough", limits.bot, "bot", "all", seen.bot),
    ):
        # Whoever has too few rows for the limit needs no closer look.
        if who and rows >= most and _open(connection, of, who) >= most:
            raise Refused(code, most=most)


def _open(connection: sa.Connection, of: str, who: str) -> int:
    return int(connection.scalar(_OPEN[of], {"who": who} if of != "bot" else {}) or 0)


def _rows_of(column: sa.Column[Any] | None = None) -> sa.ScalarSelect[int]:
    rows = sa.select(sa.func.count()).select_from(asked)
    return (rows if column is None else rows.where(column == sa.bindparam(column.name))).scalar_subquery()


def _served(kind: str) -> sa.Exists:
    return sa.exists().where(workers.c.name == devices.c.name, devices.c.kind == kind)


def _counted(query: sa.Select[Any]) -> dict[str, sa.Select[Any]]:
    who = sa.bindparam("who", type_=sa.Text)
    return {"member": query.where(asked.c.member == who), "server": query.where(asked.c.server == who), "bot": query}


# Built once: making a query costs more than asking it.
_BEGUN = sa.select(jobs.c.workflow_uuid).where(jobs.c.status == PENDING)
_LAST_BEGUN = sa.select(sa.func.max(asked.c.turn)).where(
    asked.c.lane == sa.bindparam("lane"), asked.c.job.in_(sa.bindparam("begun", expanding=True))
)
_FIRST_WAITING = (
    sa.select(asked.c.turn)
    .join(jobs, jobs.c.workflow_uuid == asked.c.job)
    .where(asked.c.lane == sa.bindparam("lane"), jobs.c.status == "ENQUEUED")
    .order_by(asked.c.turn)
    .limit(1)
)
_LAST_OF_SERVER = (
    sa.select(asked.c.turn)
    .join(jobs, jobs.c.workflow_uuid == asked.c.job)
    .where(asked.c.lane == sa.bindparam("lane"), asked.c.server == sa.bindparam("server"), jobs.c.status.in_(OPEN))
    .order_by(asked.c.turn.desc())
    .limit(1)
)
_GLANCE = sa.select(
    sa.exists().where(jobs.c.workflow_uuid == sa.bindparam("job")),
    *(_rows_of(column) for column in (asked.c.member, asked.c.server, None)),
    *(_served(kind) for kind in (CPU, GPU)),
)
_OPEN = _counted(
    sa.select(sa.func.count())
    .select_from(asked.join(jobs, jobs.c.workflow_uuid == asked.c.job))
    .where(jobs.c.status.in_(OPEN))
)
