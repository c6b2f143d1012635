"""One device, one borrower at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipeline.cancelled import Cancelled

LIVE, SHORT, UPLOAD = 0, 1, 2
"""Urgency: somebody listens; a short job; a file that is only uploaded."""
LINGER_S = 0.25
"""How long the device waits for a tale's next passage before it swaps its model for another tale."""
STRAIGHT_LINGER_S = 1.0
"""The same for a tale that goes straight through: anything let in between would hold it up for a whole passage."""
COMFORT_S = 15.0
"""A listener with more than this still to hear lets a short job go first."""
FORBEARANCE_S = 60.0
"""A short job that waited this long is let in between two passages, though the listener has less left to hear."""


@dataclass(frozen=True)
class Errand:
    """Priority of a borrow."""

    urgency: int = UPLOAD
    silent_at_s: float = float("inf")
    """When, by the clock, this tale's listener would have nothing left to hear; 0 for a tale that goes straight on."""
    server: str = ""
    """The server whose turn it uses."""
    first_sound: bool = False
    """Nothing of this tale was heard yet."""
    tale: str = ""
    """The tale it is for: a second thread of the tale that holds the device is let in beside it, where all fits."""
    since_s: float = float("inf")
    """When, by the clock, a job that borrows more than once began; its waiting counts from there."""

    def in_danger(self, now_s: float) -> bool:
        """Whether somebody listens who would soon have nothing left to hear."""
        return self.urgency == LIVE and not self.first_sound and self.silent_at_s <= now_s + COMFORT_S


@dataclass
class _Waiter:
    me: str
    thread: int
    errand: Errand
    model: str
    since_s: float
    chosen: threading.Event = field(default_factory=threading.Event)


class Turnstile:
    """Lets one thread through at a time; one model may serve `in_a_row` tales before another's turn."""

    def __init__(
        self,
        in_a_row: int = 5,
        patience_s: float = 8.0,
        clock: Callable[[], float] = time.monotonic,
        *,
        side_by_side: bool = False,
    ) -> None:
        self._in_a_row = in_a_row
        self._side_by_side = side_by_side
        """Whether the models of one tale fit beside each other, so that its threads need not wait for one another."""
        self._patience_s = patience_s
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: list[_Waiter] = []
        self._inside: str | None = None
        """The tale that holds the device, or the thread of a borrow that names none."""
        self._threads: list[int] = []
        """Threads inside, once for each borrow: a borrow within a borrow counts twice."""
        self._model = ""
        self._served: set[str] = set()
        """Tales, or threads, that the present model served since it was loaded."""
        self._last_server = ""
        self._last = Errand()
        """The borrow that was inside last; its `silent_at_s` is 0 where the tale goes straight through."""
        self._lingers = 0
        """Number of the linger under way; 0 where the device waits for nobody."""
        self._waits = 0

    @contextmanager
    def passing(self, model: str, errand: Errand, check: Cancelled) -> Iterator[None]:
        """Wait for the device and hold it for the block; a thread that holds it already passes at once."""
        me = errand.tale if self._side_by_side and errand.tale else f"thread {threading.get_ident()}"
        if not self._walked_in(me):
            self._wait(me, model, errand, check)
        try:
            yield
        finally:
            self._leave(threading.get_ident())

    def _walked_in(self, me: str) -> bool:
        with self._lock:
            again = threading.get_ident() in self._threads
            # A borrow within a borrow must never wait: it would wait for itself. A second thread of the tale
            # may, so it goes in only while nobody else stands in line.
            if not again and (self._inside != me or self._waiting):
                return False
            self._threads.append(threading.get_ident())
            return True

    def _wait(self, me: str, model: str, errand: Errand, check: Cancelled) -> None:
        waiter = _Waiter(me, threading.get_ident(), errand, model, self._clock())
        with self._lock:
            self._waiting.append(waiter)
            if not self._lingers or self._ends_the_wait(waiter):
                self._let_in()
        try:
            with check.watch(waiter.chosen.set):
                waiter.chosen.wait()
            check()
        except BaseException:
            # A cancel and the turn may come at the same moment: who was let in already must give it on.
            with self._lock:
                still_outside = waiter in self._waiting
                if still_outside:
                    self._waiting.remove(waiter)
            if not still_outside:
                self._leave(threading.get_ident())
            raise

    def _leave(self, thread: int) -> None:
        with self._lock:
            self._threads.remove(thread)
            if self._threads:
                return
            self._inside = None
            linger_s = self._linger_s()
            # Numbered: a timer of an earlier linger must not end this one.
            if linger_s:
                self._waits += 1
                self._lingers = self._waits
                timer = threading.Timer(linger_s, self._wait_is_over, [self._waits])
                timer.daemon = True
                timer.start()
            else:
                self._let_in()

    def _linger_s(self) -> float:
        """Return how long it stays free for the tale that left it between two passages; 0 where others hurry."""
        if not self._waiting:
            return 0.0  # nothing to hold back: whoever comes is let in at once
        best, now_s = self._next(), self._clock()
        if self._last.in_danger(now_s) and best.errand.urgency != LIVE:
            return 0.0 if self._waited_s(best, now_s) > FORBEARANCE_S else LINGER_S
        if self._side_by_side or best.errand.urgency != UPLOAD or best.errand.silent_at_s <= 0.0:
            return 0.0
        if self._last.silent_at_s <= 0.0:
            return STRAIGHT_LINGER_S
        return LINGER_S if best.model != self._model else 0.0

    def _ends_the_wait(self, waiter: _Waiter) -> bool:
        if self._last.in_danger(self._clock()):
            return waiter.errand.urgency == LIVE
        hurries = waiter.errand.urgency != UPLOAD or waiter.errand.silent_at_s <= 0.0
        return hurries or (waiter.model == self._model and self._last.silent_at_s > 0.0)

    def _wait_is_over(self, number: int) -> None:
        with self._lock:
            if self._lingers == number:
                self._let_in()

    def _let_in(self) -> None:
        self._lingers = 0
        if self._inside is not None or not self._waiting:
            return
        waiter = self._take()
        self._inside, self._threads = waiter.me, [waiter.thread]
        waiter.chosen.set()

    def _take(self) -> _Waiter:
        """Take the next waiter and note what that changes."""
        waiter = self._next()
        self._waiting.remove(waiter)
        if waiter.model != self._model:
            self._served.clear()
        self._served.add(_name(waiter))
        self._model, self._last_server = waiter.model, waiter.errand.server
        self._last = waiter.errand
        return waiter

    def _next(self) -> _Waiter:
        """Return the most urgent; among equals the loaded model, then another server, then who waited longest.

        A listener about to fall silent comes before all else; then a short job that waited long.
        """
        now_s = self._clock()

        def rank(waiter: _Waiter) -> tuple[bool, bool, float, float, bool, bool, float]:
            errand = waiter.errand
            overdue = errand.urgency == SHORT and self._waited_s(waiter, now_s) > self._patience_s / 2
            in_danger = errand.in_danger(now_s)
            at_ease = errand.urgency == LIVE and not errand.first_sound and not in_danger
            # A model serves its tales to the end of their stage; only so many tales are let into the row.
            row = _name(waiter) in self._served or len(self._served) < self._in_a_row
            # False sorts before True, so each entry says what comes later.
            return (
                not in_danger,
                not overdue,
                SHORT + 0.5 if at_ease else errand.urgency,
                errand.silent_at_s,
                not (waiter.model == self._model and row),
                errand.server == self._last_server,
                waiter.since_s,
            )

        return min(self._waiting, key=rank)

    def _waited_s(self, waiter: _Waiter, now_s: float) -> float:
        return now_s - min(waiter.since_s, waiter.errand.since_s)


def _name(waiter: _Waiter) -> str:
    return waiter.errand.tale or waiter.me
