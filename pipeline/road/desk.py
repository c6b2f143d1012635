"""The door's blocking half."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

import sqlalchemy as sa

from pipeline.errors import Unwell
from pipeline.log import log_of
from pipeline.road.dbos_inside import EngineError
from pipeline.road.engine import JOB, client, connect
from pipeline.road.lanes import Limits, glance_at, hold_to, kind_for, lane_of, queue_of, turn_of, words_of
from pipeline.road.ledger import Ledger, asked
from pipeline.road.listener import EventAt, Listener
from pipeline.road.timetable import Recurring, due_times, forget_slots
from pipeline.words.jsonable import request_to_json
from pipeline.words.request import Asked

log = log_of("road")
_ASKING = 7_305_513
"""Number of the Postgres lock that is held while a job is taken in."""


class Desk:
    """Blocking client of the queue: one connection pool, one listening thread."""

    def __init__(self, database_url: str, limits: Limits | None = None, key: str = "") -> None:
        self._ledger = Ledger(connect(database_url, tidies=False, key=key))
        self._ledger.make()
        self._client = client(self._ledger.engine)
        self._limits = limits or Limits()
        self._listener = Listener(self._ledger)

    def ask(self, wish: Asked) -> None:
        """Check the limits, find the turn and enqueue the job, in one transaction."""
        lane = lane_of(wish.request)
        try:
            with self._ledger.engine.begin() as connection:
                _alone(connection)
                seen = glance_at(connection, wish)
                if seen.known:
                    return
                hold_to(self._limits, connection, wish, seen)
                turn = turn_of(connection, lane, wish.server)
                self._put(connection, wish, lane, turn, queue_of(lane, kind_for(wish.request, seen.at_work)))
        except sa.exc.IntegrityError:
            return  # asked twice at the same moment: the other one stands
        except (sa.exc.DatabaseError, EngineError) as error:
            raise _closed(error) from error

    def cancel(self, job: str) -> None:
        """Mark the job as cancelled; the executor's watcher reads the mark."""
        try:
            self._client.cancel_workflow(job)
        except (sa.exc.DatabaseError, EngineError) as error:
            raise _closed(error) from error

    def due(self, slot: Recurring, since: datetime, until: datetime) -> list[datetime]:
        """When it was due in between; nothing as long as no executor was ever here."""
        try:
            return due_times(self._client, slot, since, until)
        except (sa.exc.DatabaseError, EngineError) as error:
            raise _closed(error) from error

    def forget_slots(self, prefix: str, kept: Iterable[str]) -> None:
        """Forget when things are due whose names begin so, except these."""
        try:
            forget_slots(self._client, prefix, kept)
        except (sa.exc.DatabaseError, EngineError) as error:
            raise _closed(error) from error

    @contextmanager
    def following(self, job: str, since: int, hear: Callable[[EventAt], None], *, soon: bool = False) -> Iterator[None]:
        """Call `hear` with the job's events, on the listening thread, until the block ends."""
        with self._listener.following(job, since, hear, soon=soon):
            yield

    @property
    def ledger(self) -> Ledger:
        """The database, for what it keeps of a member (keepsakes)."""
        return self._ledger

    def close(self) -> None:
        """Stop listening and close every connection."""
        self._listener.close()
        self._client.destroy()
        self._ledger.engine.dispose()

    def _put(self, connection: sa.Connection, wish: Asked, lane: str, turn: int, queue: str) -> None:
        row = {"job": wish.job, "lane": lane, "server": wish.server, "member": wish.member, "turn": turn}
        connection.execute(sa.insert(asked).values(row | {"words": words_of(wish.request)}))
        self._client.enqueue_in_transaction(
            connection,
            {
                "queue_name": queue,
                "workflow_name": JOB,
                "workflow_id": wish.job,
                "priority": turn,
                "authenticated_user": wish.member,
            },
            {"request": request_to_json(wish.request), "server": wish.server},
        )


def _closed(error: Exception) -> Unwell:
    """Return the error without the database's address: members read it, and the address is the operator's."""
    log.warning("road_closed", why=(str(error).splitlines() or [""])[0])
    return Unwell("road_closed", why=type(error).__name__)


def _alone(connection: sa.Connection) -> None:
    """Take the lock until this transaction ends: two requests at one moment would both find room for one."""
    # SQLite's driver opens a transaction for changes alone, and what is looked at before it counts for nothing.
    sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql("begin immediate" if sqlite else f"select pg_advisory_xact_lock({_ASKING})")
