"""Who comes when."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from pipeline.errors import Refused
from pipeline.road.ledger import OPEN, asked, jobs
from pipeline.words.prompt import WORDS_PER_MINUTE
from pipeline.words.request import Asked, Request, Tell

LIVE, SHORT, UPLOAD = "live", "short", "upload"
"""Somebody listens; an errand of seconds; a tale that is only uploaded. Each lane is a queue."""
SHORT_AT_ONCE = 2
"""Errands an executor holds open beside its tales; the device itself serves one at a time."""
_SHORT_WORDS = WORDS_PER_MINUTE // 4


@dataclass(frozen=True)
class Limits:
    """How many jobs may wait or run at a time."""

    member: int = 3
    server: int = 60
    bot: int = 20_000


def lane_of(request: Request) -> str:
    """Where a request queues."""
    match request:
        case Tell(live=True):
            return LIVE
        case Tell():
            return UPLOAD
        case _:
            return SHORT


def queues(tales_in_flight: int) -> dict[str, int]:
    """Each lane's queue, and how many of it one executor may hold open at once."""
    return {LIVE: tales_in_flight, SHORT: SHORT_AT_ONCE, UPLOAD: tales_in_flight}


def words_of(request: Request) -> int:
    """How much work it is, in words of a tale."""
    return request.prompt.words if isinstance(request, Tell) else _SHORT_WORDS


def turn_of(connection: sa.Connection, lane: str, server: str) -> int:
    """Servers take turns: each of a server's jobs comes one turn after its last, a newcomer's first comes now."""
    now = _turn(connection, lane, asked.c.turn.desc(), "PENDING")
    if now is None:
        now = _turn(connection, lane, asked.c.turn, "ENQUEUED")
    last = connection.scalar(
        sa.select(sa.func.max(asked.c.turn))
        .join(jobs, jobs.c.workflow_uuid == asked.c.job)
        .where(asked.c.lane == lane, asked.c.server == server, jobs.c.status.in_(OPEN))
    )
    # An engine's priority starts at 1; 0 would overtake everybody.
    return max(1, now or 1, (last or 0) + 1)


def hold_to(limits: Limits, connection: sa.Connection, wish: Asked) -> None:
    """Raises Refused `member_has_enough`, `server_has_enough` or `bot_has_enough`."""
    for code, most, mine in (
        ("member_has_enough", limits.member, (asked.c.member == wish.member) if wish.member else None),
        ("server_has_enough", limits.server, (asked.c.server == wish.server) if wish.server else None),
        ("bot_has_enough", limits.bot, sa.true()),
    ):
        if mine is not None and _open(connection, mine, most) >= most:
            raise Refused(code, most=most)


def _open(connection: sa.Connection, mine: sa.ColumnElement[bool], most: int) -> int:
    """How many are open, counted no further than matters."""
    found = sa.select(asked.c.job).join(jobs, jobs.c.workflow_uuid == asked.c.job).where(jobs.c.status.in_(OPEN), mine)
    return int(connection.scalar(sa.select(sa.func.count()).select_from(found.limit(most).subquery())) or 0)


def _turn(connection: sa.Connection, lane: str, order: sa.ColumnElement[int], status: str) -> int | None:
    found: int | None = connection.scalar(
        sa.select(asked.c.turn)
        .join(jobs, jobs.c.workflow_uuid == asked.c.job)
        .where(asked.c.lane == lane, jobs.c.status == status, jobs.c.queue_name == lane)
        .order_by(order)
        .limit(1)
    )
    return found
