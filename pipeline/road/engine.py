"""DBOS, connected and launched."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient

from pipeline import errors
from pipeline.errors import TaleError, Unwell
from pipeline.road.dbos_inside import (
    SCHEMA_PLACEHOLDER,
    CancelledWhileAwaited,
    Serializer,
    System,
    check_fits,
    glance_first,
    know_queues,
    system_of,
)
from pipeline.seal import Seal
from pipeline.settings import POSTGRES_WAITS
from pipeline.words.jsonable import SCHEMA

NAME = "echotales"
JOB = "job"
"""Name of the one workflow; its request says what it is to do."""
STREAM = "events"
POLL_S = 0.06
"""Seconds between two looks at the queues; a look costs a quarter of a ms of the core that the models need."""
_BUSY_MS = 30_000
_SEAL = "echotales_seal"
_TIDIES_AFTER_PAGES = 1_000
"""Length of SQLite's log at which a write also tidies it up, which takes some 10 ms."""
_GIVE_UP_AFTER = 200
"""How often a job may be under way when its executor dies before it counts as the cause."""


class Words(Serializer):
    """JSON alone in the database, sealed where there is a key; a TaleError comes back as itself."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    def name(self) -> str:
        """How the rows are marked."""
        return "echotales_json"

    def serialize(self, data: Any) -> str:
        """Turn plain data, or an error, into text for the database."""
        plain = _told(data) if isinstance(data, BaseException) else data
        return self._seal.shut(json.dumps(plain, ensure_ascii=False, default=_written))

    def deserialize(self, serialized_data: str) -> Any:
        """Read what `serialize` wrote; an error comes back as itself."""
        data = json.loads(self._seal.open(serialized_data))
        return _error(data["error"]) if isinstance(data, dict) and data.keys() == {"error"} else data


def connect(url: str, *, tidies: bool = True, key: str = "") -> sa.Engine:
    """Connect to SQLite in write-ahead mode, so that bot and executor read while the other writes; or to Postgres.

    Who does not tidy leaves the log to the executor as long as it can, since members wait for what it asks. With a
    key, what members said lies sealed; raises Refused `data_key_invalid`.
    """
    return _engine(url, tidies).execution_options(**{_SEAL: Seal(key)})


def for_looks(engine: sa.Engine) -> sa.Engine:
    """Return the same database for single reads, without a transaction around each."""
    if engine.url.drivername.startswith("sqlite"):
        return engine
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def seal_of(engine: sa.Engine) -> Seal:
    """Return the seal of this database's words."""
    seal: Seal = engine.get_execution_options()[_SEAL]
    return seal


def _engine(url: str, tidies: bool) -> sa.Engine:
    pages = _TIDIES_AFTER_PAGES if tidies else 16 * _TIDIES_AFTER_PAGES
    if not url.startswith("sqlite"):
        address = sa.make_url(url).set(drivername="postgresql+psycopg")
        engine = sa.create_engine(
            address, pool_pre_ping=True, pool_size=20, hide_parameters=True, connect_args=POSTGRES_WAITS
        )
        return _with_schema(engine, "dbos")
    # The one used last is the one whose pages are at hand; a fresh one reads the whole schema first.
    # An error names no parameters: they are members' words, and errors go to the log.
    waits: dict[str, Any] = {"connect_args": {"timeout": _BUSY_MS / 1000}, "hide_parameters": True}
    engine = sa.create_engine(url, pool_size=20, pool_use_lifo=True, **waits)

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = "IMMEDIATE"
        # A killed process loses nothing in either mode; NORMAL spares the wait for the disk at every step. What moves
        # or goes is overwritten: else erased words would stay in the free corners of pages.
        patience, tidies_after = f"busy_timeout={_BUSY_MS}", f"wal_autocheckpoint={pages}"
        for pragma in (
            patience,
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "secure_delete=ON",
            tidies_after,
        ):
            connection.execute(f"PRAGMA {pragma}")

    return _with_schema(engine, None)


def make_ready(engine: sa.Engine) -> None:
    """Make the engine's own tables for this version; raises Unwell `road_unreadable`, Missing `road_outgrown`."""
    check_fits()
    try:
        _system(engine).run_migrations()
    except (sa.exc.DatabaseError, OSError) as error:
        raise Unwell("road_unreadable", database=engine.url.render_as_string(), why=_first_line(error)) from error


def client(engine: sa.Engine) -> DBOSClient:
    """Return an engine that enqueues and cancels, and runs nothing."""
    return DBOSClient(
        system_database_engine=engine,
        serializer=Words(seal_of(engine)),
        application_name=NAME,
        retry_connection_errors=False,
    )


@contextmanager
def launched(
    engine: sa.Engine, executor: str, queues: dict[str, int], run: Callable[[System, str, Any], Any]
) -> Iterator[System]:
    """Take jobs from the queues (name to how many at once) until the block ends; `run` does one."""
    told = logging.getLogger("dbos")
    told.setLevel(logging.ERROR)
    told.addFilter(_is_trouble)
    dbos = DBOS(
        config={
            "name": NAME,
            "system_database_engine": engine,
            "serializer": Words(seal_of(engine)),
            "executor_id": executor,
            # By default it is the code's hash: every upgrade would strand what waits.
            "application_version": f"schema-{SCHEMA}",
            "run_migrations": False,
            "use_listen_notify": not engine.url.drivername.startswith("sqlite"),
            "log_level": "ERROR",
        }
    )

    @DBOS.workflow(name=JOB, max_recovery_attempts=_GIVE_UP_AFTER)
    def job(request: Any) -> Any:
        return run(system_of(dbos), str(DBOS.workflow_id), request)

    # Else it would take from every queue there is, also those of another kind of device.
    DBOS.listen_queues(list(queues))
    DBOS.launch()
    try:
        ours = {
            name: DBOS.register_queue(
                name, worker_concurrency=at_once, polling_interval_sec=POLL_S, on_conflict="always_update"
            )
            for name, at_once in queues.items()
        }
        system = system_of(dbos)
        know_queues(system, ours)
        glance_first(system, for_looks(system.engine), queues, POLL_S)
        yield system
    finally:
        DBOS.destroy(destroy_registry=True)


def _is_trouble(told: logging.LogRecord) -> bool:
    """Whether an operator should read it: that a cancelled job was cancelled is no trouble."""
    error = told.exc_info[1] if told.exc_info else None
    return not isinstance(error, CancelledWhileAwaited)


def _with_schema(engine: sa.Engine, schema: str | None) -> sa.Engine:
    """Keep the engine's tables in a schema of their own, where the database knows schemas."""
    return engine.execution_options(schema_translate_map={SCHEMA_PLACEHOLDER: schema})


def _system(engine: sa.Engine) -> System:
    return System.create(
        system_database_url=engine.url.render_as_string(hide_password=False),
        engine_kwargs={},
        engine=engine,
        schema="dbos",
        serializer=Words(seal_of(engine)),
        executor_id=None,
        app_name=NAME,
    )


def plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return an error's fields as plain JSON values."""
    return {name: value if isinstance(value, (int, float)) else str(value) for name, value in fields.items()}


def _written(value: object) -> str:
    """A time at which something is due, as DBOS notes it; all else is JSON already."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _told(error: BaseException) -> dict[str, Any]:
    if isinstance(error, TaleError):
        return {"error": {"kind": type(error).__name__, "code": error.code, "fields": plain(error.fields)}}
    return {"error": {"kind": "", "code": type(error).__name__, "fields": {"why": str(error)}}}


def _error(data: dict[str, Any]) -> Exception:
    if data["kind"] == "TaleCancelled":
        return errors.TaleCancelled()
    kind: type[TaleError] = getattr(errors, data["kind"], TaleError) if data["kind"] else TaleError
    return kind(data["code"], **data["fields"])


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
