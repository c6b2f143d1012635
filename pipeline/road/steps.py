"""A studio whose work outlives its process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled, TooBig, Unwell
from pipeline.log import log_of
from pipeline.road.engine import HandedBack
from pipeline.road.notes import Notes
from pipeline.road.watch import Running, Watch
from pipeline.shelf.turnstile import UPLOAD, Errand
from pipeline.telling.studio import Keep, Studio
from pipeline.words.event import CueReady, Event
from pipeline.words.jsonable import from_json, to_json
from pipeline.words.sound import RATE_HZ

R = TypeVar("R")
T = TypeVar("T")
log = log_of("road")


class Lender(Protocol):
    """Who owns the models."""

    def borrow(
        self, role: type[R], check: Cancelled, errand: Errand | None = None, **needs: str
    ) -> AbstractContextManager[R]:
        """A model for the length of a block."""

    def evict_all(self) -> None:
        """Free what nobody holds, before the one more try."""


@dataclass
class Durable:
    """One job under way, on one thread from start to end."""

    notes: Notes
    lender: Lender
    keep: Keep
    watch: Watch
    running: Running
    urgency: int
    server: str
    clock: Callable[[], float] = time.monotonic
    _since_s: float = field(init=False)
    _silent_at_s: float = float("inf")
    _lean_thread: int = 0
    """The thread that tries once more, leaner; a draft made beside it keeps its own model."""

    def __post_init__(self) -> None:
        self._since_s = self.clock()

    @property
    def studio(self) -> Studio:
        """What the stages touch."""
        return Studio(self._borrow, self.keep, self._once, self.say, self.running.check)

    def say(self, event: Event) -> None:
        """On the job's stream, exactly once."""
        self._check()
        self.notes.say(event)
        if isinstance(event, CueReady):
            from_s = self.clock() if self._silent_at_s == float("inf") else self._silent_at_s
            self._silent_at_s = from_s + event.scored.samples / RATE_HZ

    def _borrow(self, role: type[R], **needs: str) -> AbstractContextManager[R]:
        heard = self._silent_at_s != float("inf")
        # The first of a rush goes straight through, to its end where it is told stage by stage.
        straight = self.running.first and (not heard or self.urgency == UPLOAD)
        silent_at_s = 0.0 if straight else self._silent_at_s
        errand = Errand(self.urgency, silent_at_s, self.server, not heard, self.notes.job, self._since_s)
        if self._lean_thread == threading.get_ident():
            needs = {**needs, "stand_in": str(int(needs.get("stand_in", "0")) + 1)}
        return self.lender.borrow(role, self.running.check, errand, **needs)

    def _once(self, stage: str, unit: str, kind: type[T], work: Callable[[], T]) -> T:
        self.watch.between_passages()
        name = f"{stage}:{unit}"

        def done() -> Any:
            self.running.refuse_if_hung(name)
            with self._handing_back():
                return to_json(self._tried(work), kind)

        # At work until it is noted: an executor that goes waits for that.
        with self.watch.at_work(self.running, name):
            return from_json(kind, self.notes.once(name, done))

    def _tried(self, work: Callable[[], T]) -> T:
        """Out of memory, everything leaves and it is tried once more, leaner."""
        try:
            return work()
        except (MemoryError, RuntimeError, TooBig) as error:
            if not is_memory_short(error):
                raise
            log.warning("memory_short", job=self.notes.job, why=str(error))
        self.lender.evict_all()
        self._lean_thread = threading.get_ident()
        try:
            return work()
        except (MemoryError, RuntimeError) as error:
            if not is_memory_short(error):
                raise
            raise TooBig("memory_short", model=self.notes.job, needs_mb=0) from error
        finally:
            self._lean_thread = 0

    def _check(self) -> None:
        with self._handing_back():
            self.running.check()

    @contextmanager
    def _handing_back(self) -> Iterator[None]:
        """A stopped step is noted as neither done nor failed: who takes the job up again runs it again."""
        try:
            yield
        except TaleCancelled:
            raise HandedBack(self.notes.job) from None


def is_memory_short(error: BaseException) -> bool:
    """Also what the model libraries say in their own words."""
    if isinstance(error, (MemoryError, TooBig)):
        return not isinstance(error, Unwell) or error.code in ("memory_short", "budget_short")
    return isinstance(error, RuntimeError) and any(
        word in str(error).lower() for word in ("out of memory", "bad alloc", "bad_alloc", "failed to allocate")
    )
