"""Where the event loop stood still."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from pipeline.places import CHECKOUT

TICK_S, LOOK_S = 0.01, 0.003
LATE_S = 0.02
"""A loop that was not back after so long is looked at."""
TOLD_MS = 50.0
"""Longer ones are told of, with where the loop was."""
_OURS = tuple(f"{CHECKOUT / wing}/" for wing in ("bot", "pipeline"))
_LIBRARY = "/site-packages/discord/"
_LOOP = "/asyncio/events.py"


@dataclass
class Gaps:
    """The longest time that the bot's own code held a loop which it shares with the Discord that it talks to.

    A thread looks where the loop's thread is whenever the loop is late; a moment counts as the bot's where its code, or
    its library's, stands on the stack of what the loop runs. Collections of garbage, of which the double makes most,
    count for nobody. Of a time in which nobody could look, which is when some thread lets no other work, it counts what
    the busiest thread computed, if that thread was the bot's; the rest is the machine's.
    """

    worst_ms: float = 0.0
    told: list[str] = field(default_factory=list)
    _loop: int = field(default_factory=threading.get_ident)
    _ticked_s: float = field(default_factory=time.perf_counter)
    _over: threading.Event = field(default_factory=threading.Event)
    _ours_s: float = 0.0
    _where: str = ""
    _collecting_s: float = 0.0
    _collected_s: float = 0.0

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """For the block."""
        looking = threading.Thread(target=self._look, name="gaps", daemon=True)
        ticking = asyncio.create_task(self._tick(), name="gaps")
        gc.callbacks.append(self._collect)
        looking.start()
        try:
            yield
        finally:
            self._over.set()
            gc.callbacks.remove(self._collect)
            ticking.cancel()
            looking.join()

    async def _tick(self) -> None:
        while True:
            self._ticked_s, self._ours_s, self._collected_s, self._where = time.perf_counter(), 0.0, 0.0, ""
            await asyncio.sleep(TICK_S)
            held_ms = 1000 * max(0.0, self._ours_s - self._collected_s)
            self.worst_ms = max(self.worst_ms, held_ms)
            if held_ms > TOLD_MS:
                self.told.append(f"the loop was held {held_ms:.0f} ms: {self._where}")

    def _look(self) -> None:
        looked_s, worked_s = time.perf_counter(), _worked_s()
        while not self._over.wait(LOOK_S):
            now_s, work_s = time.perf_counter(), _worked_s()
            since_s = now_s - max(looked_s, self._ticked_s)
            if now_s - self._ticked_s > LATE_S:
                alone = now_s - looked_s > LATE_S
                busy = {thread: spent_s - worked_s.get(thread, spent_s) for thread, spent_s in work_s.items()}
                thread = max(busy, key=lambda one: busy[one]) if alone else self._loop
                frame = sys._current_frames().get(thread)
                if frame is not None and (where := _ours(frame, thread == self._loop)):
                    self._ours_s += min(since_s, busy[thread]) if alone else since_s
                    self._where = where
            looked_s, worked_s = now_s, work_s

    def _collect(self, phase: str, _about: dict[str, Any]) -> None:
        if phase == "start":
            self._collecting_s = time.perf_counter()
        elif threading.get_ident() == self._loop:
            self._collected_s += time.perf_counter() - self._collecting_s


def _worked_s() -> dict[int, float]:
    """What each thread computed so far."""
    worked = {}
    for thread in sys._current_frames():
        with suppress(OSError):  # it ended just now
            worked[thread] = time.clock_gettime(time.pthread_getcpuclockid(thread))
    return worked


def _ours(frame: FrameType, is_loop: bool) -> str:
    """Where the bot's code stands in what a thread, or the loop, runs just now; "" where it does not."""
    found, at = "", frame
    while not (is_loop and _LOOP in at.f_code.co_filename):
        file = at.f_code.co_filename
        if file.startswith(_OURS) or _LIBRARY in file:
            found = found or f"{file}:{at.f_lineno} {at.f_code.co_name}, at {_place(frame)}"
        if at.f_back is None:
            return "" if is_loop else found  # the loop itself, or what began it
        at = at.f_back
    return found


def _place(frame: FrameType) -> str:
    return f"{frame.f_code.co_filename.rpartition('/')[2]}:{frame.f_lineno} {frame.f_code.co_name}"
