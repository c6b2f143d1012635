"""Runs one job from row to result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa
import structlog
from pydantic import ValidationError

from pipeline.depot import STORE_AWAY
from pipeline.errors import TaleCancelled, TaleError
from pipeline.log import log_of
from pipeline.road.dbos_inside import EngineError, HandedBack, System
from pipeline.road.engine import plain
from pipeline.road.lanes import LIVE, SHORT, lane_of, words_of
from pipeline.road.notes import Notes
from pipeline.road.steps import Durable, Lender
from pipeline.road.watch import Watchdog
from pipeline.shelf import turnstile
from pipeline.telling.studio import Keep, Studio
from pipeline.words.event import Failed
from pipeline.words.jsonable import request_from_json
from pipeline.words.request import Request
from pipeline.words.sound import Artifact

URGENCY: Mapping[str, int] = {LIVE: turnstile.LIVE, SHORT: turnstile.SHORT}
log = log_of("road")


class Workshop(Protocol):
    """Does jobs with the models of one lender."""

    @property
    def lender(self) -> Lender:
        """Owner of the models."""

    def make(self, request: Request, studio: Studio) -> Artifact:
        """Do one job; the artifact names all it made."""


@dataclass(frozen=True)
class Jobs:
    """Runs the jobs that the engine hands over."""

    workshop: Workshop
    keep: Keep
    watch: Watchdog

    def __call__(self, system: System, job: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """Run one job; its result is its last event, the row only says that it ended."""
        with structlog.contextvars.bound_contextvars(job=job), _steady(job):
            notes = Notes(system, job)
            try:
                request = request_from_json(data["request"])
            except (ValidationError, LookupError, TypeError) as error:
                log.exception("request_unreadable", why=str(error))
                return _failed(notes, "request_outgrown", {})
            return self._made(notes, request, str(data.get("server", "")))

    def _made(self, notes: Notes, request: Request, server: str) -> dict[str, Any]:
        lane = lane_of(request)
        with self.watch.over(notes.job, words_of(request)) as running:
            urgency = URGENCY.get(lane, turnstile.UPLOAD)
            durable = Durable(notes, self.workshop.lender, self.keep, self.watch, running, urgency, server)
            try:
                made = self.workshop.make(request, durable.studio)
                durable.end_with(made)
                running.whole = True
            except TaleCancelled:
                raise HandedBack(notes.job) from None
            except (sa.exc.DBAPIError, sa.exc.TimeoutError, EngineError):
                raise  # the road's own affair
            except TaleError as error:
                if error.code == STORE_AWAY:
                    raise HandedBack(notes.job) from error
                log.warning("job_failed", code=error.code, exc_info=True)
                return _failed(notes, error.code, error.fields)
            except Exception as error:
                log.exception("job_broke", why=str(error))
                return _failed(notes, "tale_broke", {"state": type(error).__name__})
            finally:
                durable.leave_loose()
            return {"done": made.sha256}


@contextmanager
def _steady(job: str) -> Iterator[None]:
    """Hand the job back where the queue's own database fails: the job is not to blame, and the janitor re-queues it."""
    try:
        yield
    except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
        log.exception("queue_failed_in_job", why=str(error).splitlines()[0])
        raise HandedBack(job) from error


def _failed(notes: Notes, code: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    notes.say(Failed(code, plain(fields)))
    return {"failed": code}
