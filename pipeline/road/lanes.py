"""Who comes when."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pipeline.errors import Refused
from pipeline.road.ledger import OPEN, PENDING, asked, devices, jobs, workers
from pipeline.words.prompt import WORDS_PER_MINUTE
from pipeline.words.request import Asked, Explain, Request, Tell, Transcribe

LIVE, SHORT, UPLOAD = "live", "short", "upload"
"""Somebody listens; an errand of seconds; a tale that is only uploaded. A queue each, for every kind of device."""
CPU, GPU = "cpu", "gpu"
"""Kinds of device."""
SHORT_AT_ONCE = 2
"""Errands an executor holds open beside its tales; the device itself serves one at a time."""
_SHORT_WORDS = WORDS_PER_MINUTE // 4


@dataclass(frozen=True)
class Limits:
    """How many jobs may wait or run at a time."""

    member: int = 3
    server: int = 60
    bot: int = 20_000


@dataclass(frozen=True)
class Glance:
    """All that an ask has to know of the others, but whose turn it is."""

    known: bool
    """It was asked before."""
    member: int
    server: int
    bot: int
    """How many rows there are of each, open or not: never fewer than the open ones."""
    at_work: frozenset[str]
    """Kinds of device that somebody serves."""


def lane_of(request: Request) -> str:
    """Where a request queues."""
    match request:
        case Tell(live=True):
            return LIVE
        case Tell():
            return UPLOAD
        case _:
            return SHORT


def queue_of(lane: str, kind: str) -> str:
    """Where a lane's jobs wait for one kind of device."""
    return f"{lane}.{kind}"


def queues(tales_in_flight: int, kind: str = CPU) -> dict[str, int]:
    """The queues of an executor with this kind of device, and how many of each it may hold open at once."""
    at_once = {LIVE: tales_in_flight, SHORT: SHORT_AT_ONCE, UPLOAD: tales_in_flight}
    return {queue_of(lane, kind): most for lane, most in at_once.items()}


def kind_for(request: Request, at_work: Container[str]) -> str:
    """Tales and voices go to the card where one is at work; what only listens and reads keeps off it where it can."""
    wished = (CPU, GPU) if isinstance(request, (Transcribe, Explain)) else (GPU, CPU)
    return next((kind for kind in wished if kind in at_work), CPU)


def words_of(request: Request) -> int:
    """How much work it is, in words of a tale."""
    return request.prompt.work if isinstance(request, Tell) else _SHORT_WORDS


def turn_of(connection: sa.Connection, lane: str, server: str) -> int:
    """Servers take turns: each of a server's jobs comes one turn after its last, a newcomer's first comes now."""
    # Two questions: of a joined one some databases would walk through all that wait.
    begun = [row[0] for row in connection.execute(_BEGUN)]
    now: int | None = connection.scalar(_LAST_BEGUN, {"lane": lane, "begun": begun}) if begun else None
    if now is None:
        now = connection.scalar(_FIRST_WAITING, {"lane": lane})
    last: int | None = connection.scalar(_LAST_OF_SERVER, {"lane": lane, "server": server})
    # An engine's priority starts at 1; 0 would overtake everybody.
    return max(1, now or 1, (last or 0) + 1)


def glance_at(connection: sa.Connection, wish: Asked) -> Glance:
    """One question: each costs as much as its answer takes to be wrapped."""
    who = {"job": wish.job, "member": wish.member, "server": wish.server}
    known, member, server, bot, *served = tuple(connection.execute(_GLANCE, who).one())
    at_work = frozenset(kind for kind, is_here in zip((CPU, GPU), served, strict=True) if is_here)
    return Glance(bool(known), member, server, bot, at_work)


def hold_to(limits: Limits, connection: sa.Connection, wish: Asked, seen: Glance) -> None:
    """Raises Refused `member_has_enough`, `server_has_enough` or `bot_has_enough`."""
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
