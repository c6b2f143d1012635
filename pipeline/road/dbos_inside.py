"""All uses of DBOS's private parts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from typing import Any, TypeVar

import sqlalchemy as sa
from dbos import DBOS, Queue
from dbos._context import current_owner_xid
from dbos._error import DBOSAwaitedWorkflowCancelledError, DBOSException, DBOSWorkflowCancelledError
from dbos._schemas import SCHEMA_PLACEHOLDER
from dbos._schemas.system_database import SystemSchema
from dbos._serialization import Serializer
from dbos._sys_db import SystemDatabase, db_retry

from pipeline.errors import Missing

__all__ = ["SCHEMA_PLACEHOLDER", "Serializer"]

T = TypeVar("T")
System = SystemDatabase
Tables = SystemSchema
"""The engine's own tables; ours are in `ledger`."""
EngineError = DBOSException
"""Base of the engine's own errors."""
CancelledWhileAwaited = DBOSAwaitedWorkflowCancelledError
HandedBack = DBOSWorkflowCancelledError
"""Raise it inside a step and nothing of the step is noted: the next run of the job runs it again."""
_WANTED: Mapping[Any, tuple[str, ...]] = {
    SystemDatabase: (
        *("create", "run_migrations", "start_queued_workflows", "get_queue"),
        *("_in_flight_status_prover", "_record_operation_result_txn", "_check_owner_txn"),
    ),
    SystemSchema: (
        *("workflow_status", "workflow_input", "workflow_output", "operation_outputs"),
        *("notifications", "workflow_events", "workflow_events_history", "streams"),
    ),
    DBOS: ("launch", "destroy", "listen_queues", "register_queue", "workflow"),
}


def check_fits() -> None:
    """Raise Missing `road_outgrown` where this DBOS is another than the one this file was written for."""
    lacks = [
        f"{owner.__name__}.{name}" for owner, names in _WANTED.items() for name in names if not hasattr(owner, name)
    ]
    if lacks:
        raise Missing("road_outgrown", version=version("dbos"), lacks=", ".join(lacks))


def system_of(dbos: DBOS) -> System:
    """Return the database of a launched engine."""
    return dbos._sys_db


def owner_of(job: str) -> str | None:
    """Return the run under which this process holds the job; None outside of one."""
    return current_owner_xid(job)


def hold_to_owner(system: System, connection: sa.Connection, job: str, owner: str) -> None:
    """Raise where another run has taken the job over."""
    system._check_owner_txn(connection, job, owner)


def note_step(system: System, connection: sa.Connection, row: dict[str, Any], ended_ms: int, owner: str | None) -> None:
    """Write down what a step came to, within the caller's transaction."""
    system._record_operation_result_txn(row, ended_ms, connection, owner_xid=owner)  # type: ignore[arg-type] # a dict of theirs


def patiently(system: System, attempt: Callable[[], T]) -> T:
    """Try again while the database is away, for as long as the engine itself would."""
    return db_retry(sys_db=system)(attempt)()


def take_no_more(system: System) -> None:
    """Begin no other job in this process; those under way go on."""
    # The engine has no switch for it: every look answers that nobody waits.
    system.start_queued_workflows = lambda *_, **__: ([], None)  # type: ignore[method-assign] # no switch of its own


def know_queues(system: System, ours: Mapping[str, Queue]) -> None:
    """Keep our queues as this process made them: asking for them at every look would double its cost."""
    asked = system.get_queue

    def known(name: str, **more: Any) -> Queue | None:
        return ours.get(name) or asked(name, **more)

    system.get_queue = known  # type: ignore[method-assign] # no switch of its own


def glance_first(system: System, engine: sa.Engine, queues: Iterable[str], poll_s: float) -> None:
    """Ask first whether any job waits: the engine's own look takes ten times as long, and mostly finds none."""
    glance, take = _Glance(system, engine, queues, poll_s), system.start_queued_workflows

    def taken(queue: Queue, *args: Any, **more: Any) -> Any:
        return take(queue, *args, **more) if queue.name in glance.waiting() else ([], None)

    system.start_queued_workflows = taken  # type: ignore[method-assign] # no switch of its own


class _Glance:
    """One look shared by all queues of this process, for which the engine keeps a thread each."""

    def __init__(self, system: System, engine: sa.Engine, queues: Iterable[str], poll_s: float) -> None:
        rows = system.tables.workflow_status
        here = (rows.c.status == "ENQUEUED", system._in_flight_status_prover())
        self._query = sa.union_all(
            *(sa.select(sa.literal(one)).where(sa.exists().where(*here, rows.c.queue_name == one)) for one in queues)
        )
        self._engine, self._fresh_s = engine, poll_s / 2
        self._lock = threading.Lock()
        self._seen: frozenset[str] = frozenset()
        self._seen_s = float("-inf")

    def waiting(self) -> frozenset[str]:
        """Return the queues in which a job waits, or waited half a look ago."""
        # One lock for all threads: who comes while another looks gets that look's answer.
        with self._lock:
            if time.monotonic() - self._seen_s > self._fresh_s:
                with self._engine.connect() as connection:
                    self._seen = frozenset(row[0] for row in connection.execute(self._query))
                self._seen_s = time.monotonic()
            return self._seen
