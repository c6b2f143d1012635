"""A job's finished steps and published events."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from pydantic import ValidationError

from pipeline.log import log_of
from pipeline.road.dbos_inside import EngineError, System, Tables, hold_to_owner, note_step, owner_of, patiently
from pipeline.road.engine import STREAM
from pipeline.words.event import Event, key_of
from pipeline.words.jsonable import event_from_json, event_to_json

T = TypeVar("T")
log = log_of("road")
_steps, _streams = Tables.operation_outputs, Tables.streams


@dataclass(frozen=True)
class _Earlier:
    """A step that finished before, with its result or error."""

    output: str | None
    error: str | None


class Notes:
    """One job's finished steps and published events, in the engine's own tables; only on the job's own thread.

    The engine's own way asks the database four times for a step and its event. Here what was noted before is read once,
    as the job begins, and each of them is one short transaction. In each stands the token under which the engine gave
    us the job: a process that lost the job to another writes nothing any more, and gets the engine's own error.
    """

    def __init__(self, system: System, job: str) -> None:
        self.job = job
        self._system = system
        self._token = owner_of(job)
        self._done: defaultdict[str, deque[_Earlier]] = defaultdict(deque)
        self._last_id = 0
        self._said: set[str] = set()
        self._next_offset = 0
        self._patiently(self._read)

    def once(self, name: str, work: Callable[[], T]) -> T:
        """Return what this step gave before, or run it and note its result; a failure of its own is noted too."""
        earlier = self._done.get(name)
        if earlier:
            return cast(T, self._again(earlier.popleft()))
        began_ms = _now_ms()
        try:
            made = work()
        except (sa.exc.DBAPIError, sa.exc.TimeoutError, EngineError):
            raise  # the road's own trouble: nothing of it is the step's
        except Exception as error:
            self._note(name, began_ms, _Earlier(None, self._words(error)))
            raise
        self._note(name, began_ms, _Earlier(self._words(made), None))
        return made

    def say(self, event: Event) -> None:
        """Publish an event on the job's stream, exactly once, also over a death of the process."""
        key = key_of(event)
        if key in self._said:
            return
        row = {
            "workflow_uuid": self.job,
            "key": STREAM,
            "value": self._words(event_to_json(event)),
            "offset": self._next_offset,
            "function_id": self._last_id,
            "serialization": self._system.serializer.name(),
        }
        self._patiently(lambda connection: self._publish(connection, row))
        self._said.add(key)
        self._next_offset += 1

    def _read(self, connection: sa.Connection) -> None:
        self._done.clear()
        steps = sa.select(_steps.c.function_name, _steps.c.output, _steps.c.error, _steps.c.function_id)
        for name, output, error, number in connection.execute(
            steps.where(_steps.c.workflow_uuid == self.job).order_by(_steps.c.function_id)
        ):
            self._last_id = number
            if output is not None or error is not None:  # else an event of an earlier version
                self._done[name].append(_Earlier(output, error))
        said = sa.select(_streams.c.value, _streams.c.offset).where(
            _streams.c.workflow_uuid == self.job, _streams.c.key == STREAM
        )
        for value, offset in connection.execute(said.order_by(_streams.c.offset)):
            self._next_offset = offset + 1
            self._said.add(self._key(value))

    def _key(self, value: str) -> str:
        try:
            return key_of(event_from_json(self._system.serializer.deserialize(value)))
        except (ValidationError, LookupError, TypeError) as error:
            # A word from before an upgrade: said again in today's words, its followers drop what they know.
            log.warning("old_event_unreadable", job=self.job, why=str(error))
            return ""

    def _again(self, earlier: _Earlier) -> Any:
        if earlier.error is not None:
            raise self._system.serializer.deserialize(earlier.error)
        return self._system.serializer.deserialize(earlier.output or "null")

    def _note(self, name: str, began_ms: int, came_to: _Earlier) -> None:
        self._last_id += 1
        ended_ms = _now_ms()
        self._patiently(
            lambda connection: note_step(
                self._system,
                connection,
                {
                    "workflow_uuid": self.job,
                    "function_id": self._last_id,
                    "function_name": name,
                    "started_at_epoch_ms": began_ms,
                    "output": came_to.output,
                    "error": came_to.error,
                    "serialization": self._system.serializer.name(),
                    "child_workflow_id": None,
                },
                ended_ms,
                self._token,
            )
        )

    def _publish(self, connection: sa.Connection, row: dict[str, Any]) -> None:
        """Write the event; a retry after a commit whose answer was lost finds its own row and is content."""
        if self._token is not None:
            hold_to_owner(self._system, connection, self.job, self._token)
        keys = [_streams.c.workflow_uuid, _streams.c.key, _streams.c.offset]
        connection.execute(self._system.dialect.insert(_streams).on_conflict_do_nothing(index_elements=keys), row)

    def _patiently(self, change: Callable[[sa.Connection], object]) -> None:
        """Run in one transaction; while the database is away the job waits, as at every step of the engine."""

        def attempt() -> None:
            with self._system.engine.begin() as connection:
                change(connection)

        patiently(self._system, attempt)

    def _words(self, data: Any) -> str:
        return str(self._system.serializer.serialize(data))


def _now_ms() -> int:
    return int(time.time() * 1000)
