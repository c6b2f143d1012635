"""A studio whose work outlives its process."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar, Unpack

from pipeline.cancelled import Cancelled
from pipeline.depot import STORE_AWAY
from pipeline.errors import TaleCancelled, Unwell
from pipeline.log import log_of
from pipeline.road.dbos_inside import HandedBack
from pipeline.road.notes import Notes
from pipeline.road.watch import Running, Watchdog
from pipeline.roles import Needs
from pipeline.shelf.ladder import Ladder
from pipeline.shelf.turnstile import UPLOAD, Errand
from pipeline.telling.studio import Keep, Studio
from pipeline.words.event import CueReady, Done, Event
from pipeline.words.jsonable import from_json, to_json
from pipeline.words.sound import RATE_HZ, Artifact

R = TypeVar("R")
T = TypeVar("T")
log = log_of("road")


class Lender(Protocol):
    """Lends the models it owns."""

    def borrow(
        self, role: type[R], check: Cancelled, errand: Errand | None = None, **needs: Unpack[Needs]
    ) -> AbstractContextManager[R]:
        """Borrow a model for the length of a block."""

    def evict_all(self) -> None:
        """Free what nobody holds, before the next try."""


@dataclass(frozen=True)
class Noting:
    """Keeps files, and remembers those that no finished step names yet."""

    keep: Keep
    loose: list[Artifact] = field(default_factory=list)

    def __call__(self, data: bytes, suffix: str) -> Artifact:
        """As it does."""
        self.loose.append(made := self.keep(data, suffix))
        return made

    def adopt(self, path: Path, suffix: str) -> Artifact:
        """As it does."""
        self.loose.append(made := self.keep.adopt(path, suffix))
        return made

    def path(self, artifact: Artifact) -> Path:
        """As it does."""
        return self.keep.path(artifact)

    def named_by(self, made: object) -> None:
        """Take the files that this JSON names off the list of loose ones."""
        if self.loose:
            words = json.dumps(made)
            self.loose[:] = [one for one in self.loose if one.sha256 not in words]


@dataclass
class Durable:
    """One job under way, on one thread from start to end."""

    notes: Notes
    lender: Lender
    keep: Keep
    watch: Watchdog
    running: Running
    urgency: int
    server: str
    clock: Callable[[], float] = time.monotonic
    _since_s: float = field(init=False)
    _silent_at_s: float = float("inf")
    _ladder: Ladder = field(init=False)
    _noting: Noting = field(init=False)

    def __post_init__(self) -> None:
        self._since_s = self.clock()
        self._ladder = Ladder(self.lender, self.notes.job)
        self._noting = Noting(self.keep)

    @property
    def studio(self) -> Studio:
        """The studio that the stages get."""
        return Studio(self._borrow, self._noting, self._once, self.say, self.running.check)

    def say(self, event: Event) -> None:
        """Publish an event on the job's stream, exactly once."""
        self._check()
        self.notes.say(event)
        if isinstance(event, CueReady):
            from_s = self.clock() if self._silent_at_s == float("inf") else self._silent_at_s
            self._silent_at_s = from_s + event.scored.samples / RATE_HZ

    def _borrow(self, role: type[R], **needs: Unpack[Needs]) -> AbstractContextManager[R]:
        heard = self._silent_at_s != float("inf")
        # The first of a rush goes straight through, to its end where it is told stage by stage.
        straight = self.running.first and (not heard or self.urgency == UPLOAD)
        silent_at_s = 0.0 if straight else self._silent_at_s
        errand = Errand(self.urgency, silent_at_s, self.server, not heard, self.notes.job, self._since_s)
        return self.lender.borrow(role, self.running.check, errand, **needs | self._ladder.needs())

    def _once(self, stage: str, unit: str, kind: type[T], work: Callable[[], T]) -> T:
        self.watch.between_passages()
        name = f"{stage}:{unit}"

        def done() -> Any:
            self.running.refuse_if_given_up(name)
            with self._handing_back():
                return to_json(self._ladder.climb(work), kind)

        # At work until it is noted: an executor that goes waits for that.
        with self.watch.at_work(self.running, name):
            made = self.notes.once(name, done)
        self._noting.named_by(made)
        return from_json(kind, made)

    def end_with(self, made: Artifact) -> None:
        """Say the job's last event."""
        self.say(Done(made))
        self._noting.named_by(made.sha256)

    def leave_loose(self) -> None:
        """Note the files that no step names at the job's end, so that an erase finds them."""
        self.watch.note_loose(self.notes.job, self._noting.loose)

    def _check(self) -> None:
        with self._handing_back():
            self.running.check()

    @contextmanager
    def _handing_back(self) -> Iterator[None]:
        """Note a stopped step as neither done nor failed: the next run of the job runs it again.

        A step that could not keep what it made is treated alike: once the store is back, the tale goes on.
        """
        try:
            yield
        except TaleCancelled:
            raise HandedBack(self.notes.job) from None
        except Unwell as error:
            if error.code != STORE_AWAY:
                raise
            log.warning("handed_back", why=error.code)
            raise HandedBack(self.notes.job) from error
