"""Metrics for the bot's operator."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import aiohttp
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bot.library.records import KeptTale
from bot.tracker.outputs import Card, Follower
from pipeline.words.event import Done, Event, Failed, Narrated, Stopped

SECONDS = (0.5, 1, 2, 3, 5, 10, 20, 40, 80, 160, 320, 640)
_HUNDRED = 100


class Metrics(Follower):
    """Counts tales and calls to Discord; no label ever names a server, a member or a word."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.registry = CollectorRegistry()
        self._clock = clock
        self._began: dict[str, float] = {}
        """Start times of tales begun here that have no spoken sentence yet."""
        self._open: set[str] = set()
        self._asked = self._counter("tales_followed", "Tales followed, those taken up after a restart too")
        self._ended = self._counter("tales_ended", "Tales ended", "how")
        self._failures = self._counter("failures", "Tales that failed", "code")
        self._requests = self._counter("discord_requests", "Answers of Discord", "status")
        self._errors = self._counter("discord_errors", "Refusals and faults of Discord", "code")
        self._stages = self._histogram("stage_seconds", "What a stage took in all, job by job", "stage")
        self._first = self._histogram("first_sentence_seconds", "From the wish to its first spoken sentence")
        self.gauge("tales_open", "Tales that wait or are told").set_function(lambda: len(self._open))

    def began(self, tale: KeptTale, _card: Card, _sits_in: str) -> None:
        """See Follower; a tale whose card an earlier bot posted is counted, not timed."""
        self._asked.inc()
        self._open.add(tale.id)
        if not tale.card_message:
            self._began[tale.id] = self._clock()

    def heard(self, tale: KeptTale, event: Event) -> None:
        """Count an end, time a first sentence."""
        match event:
            case Narrated() if tale.id in self._began:
                self._first.observe(self._clock() - self._began.pop(tale.id))
            case Done():
                self._ended.labels("done").inc()
            case Failed(code=code):
                self._ended.labels("failed").inc()
                self._failures.labels(code).inc()
            case Stopped():
                self._ended.labels("stopped").inc()

    def ended(self, tale: KeptTale) -> None:
        """Stop counting the tale as open."""
        self._open.discard(tale.id)
        self._began.pop(tale.id, None)

    def took(self, stage: str, seconds: float) -> None:
        """Add the time of one stage of one job."""
        self._stages.labels(stage).observe(seconds)

    def trace(self) -> aiohttp.TraceConfig:
        """Return a trace that counts Discord's answers, by hundreds; `429` apart."""
        traced = aiohttp.TraceConfig()
        traced.on_request_end.append(self._answered)
        traced.on_request_exception.append(self._unanswered)
        traced.on_response_chunk_received.append(self._read)
        return traced

    def gauge(self, name: str, told: str, *labels: str) -> Gauge:
        """Return a new gauge, to be set when the metrics are asked for."""
        return Gauge(f"echotales_{name}", told, labels, registry=self.registry)

    async def _answered(self, _session: object, context: Any, ended: aiohttp.TraceRequestEndParams) -> None:
        context.status = status = ended.response.status
        known = "429" if status == HTTPStatus.TOO_MANY_REQUESTS else f"{status // _HUNDRED}xx"
        self._requests.labels(known).inc()

    async def _read(self, _session: object, context: Any, read: aiohttp.TraceResponseChunkReceivedParams) -> None:
        # Errors come in one small chunk; the body of a good answer is not looked at.
        status = getattr(context, "status", 0)
        if status >= HTTPStatus.BAD_REQUEST:
            self._errors.labels(_code_in(read.chunk) or f"http {status}").inc()

    async def _unanswered(self, _session: object, _context: object, _lost: Any) -> None:
        self._requests.labels("none").inc()

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"echotales_{name}", told, labels, registry=self.registry)

    def _histogram(self, name: str, told: str, *labels: str) -> Histogram:
        return Histogram(f"echotales_{name}", told, labels, buckets=SECONDS, registry=self.registry)


def _code_in(body: bytes) -> str:
    """Return Discord's own error code, which its documentation lists; "" where the answer has none."""
    try:
        code = json.loads(body).get("code")
    except (ValueError, AttributeError):
        return ""
    return str(code) if isinstance(code, int) and code else ""
