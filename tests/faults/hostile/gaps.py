"""Where the event loop stood still."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE
from types import FrameType
from typing import Any
from unittest.mock import patch

from pipeline.places import CHECKOUT

LOOK_S = 0.003
LATE_S = 0.02
"""What the loop is at for longer than this is looked at."""
TOLD_MS = 50.0
"""Longer ones are told of, with where the loop was."""
_OURS = tuple(f"{CHECKOUT / wing}/" for wing in ("bot", "pipeline"))
_LIBRARY = "/site-packages/discord/"
_LOOP = "/asyncio/events.py"


class _InLine:
    """How long the thread that made this was ready and had no processor; always 0 where no system says so."""

    def __init__(self) -> None:
        counts = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._counts = counts.open("rb", buffering=0) if counts.exists() else None

    def seconds(self) -> float:
        """Since the thread began."""
        return int(os.pread(self._counts.fileno(), 64, 0).split()[1]) / 1e9 if self._counts else 0.0


@dataclass
class Gaps:
    """The longest time that the bot's own code held a loop which it shares with the Discord that it talks to.

    A thread looks where the loop's thread is whenever one step of the loop takes long; a moment counts as the bot's
    where its code, or its library's, stands on the stack. Where nobody could look, for the step let no other thread
    work, it counts what the step computed, if what it runs is the bot's. Collections of garbage, of which the double
    makes most, count for nobody. Nor does what the loop's thread stood in line for a processor, where the system says
    how long that was; how late a loop was that does nothing, in a process beside it, is told too.
    """

    worst_ms: float = 0.0
    bare_ms: float = 0.0
    """The longest time that a loop with nothing to do woke late meanwhile."""
    told: list[str] = field(default_factory=list)
    _loop: int = field(default_factory=threading.get_ident)
    _over: threading.Event = field(default_factory=threading.Event)
    _began_s: float = 0.0
    """When the step under way began; 0 between two."""
    _seen_s: float = 0.0
    _ours_s: float = 0.0
    _where: str = ""
    _in_line: _InLine = field(default_factory=_InLine)
    _collecting_s: float = 0.0
    _collected_s: float = 0.0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """For the block, on the loop's own thread."""
        looking = threading.Thread(target=self._look, name="gaps", daemon=True)
        run = asyncio.Handle._run
        gc.callbacks.append(self._collect)
        looking.start()
        bare = subprocess.Popen([sys.executable, "-m", __name__], cwd=CHECKOUT, text=True, stdin=PIPE, stdout=PIPE)
        try:
            with patch.object(asyncio.Handle, "_run", lambda step: self._run(step, run)):
                yield
        finally:
            self.bare_ms = float(bare.communicate()[0] or 0.0)
            self._over.set()
            gc.callbacks.remove(self._collect)
            looking.join()

    def _run(self, step: asyncio.Handle, run: Callable[[asyncio.Handle], None]) -> None:
        if threading.get_ident() != self._loop:
            run(step)
            return
        self._seen_s = self._ours_s = self._collected_s = 0.0
        self._began_s, worked_s, stood_s = time.perf_counter(), time.thread_time(), self._in_line.seconds()
        run(step)
        took_s, self._began_s = time.perf_counter() - self._began_s - self._collected_s, 0.0
        if took_s < LATE_S:
            return
        # Nobody says when within the step the thread stood in line: it is taken as spread over all of it.
        ran = max(0.0, 1 - (self._in_line.seconds() - stood_s) / took_s)
        ours_s, unseen_s, where = self._ours_s * ran, (took_s - self._seen_s) * ran, self._where
        computed = min(1.0, max(0.0, time.thread_time() - worked_s - self._collected_s) / max(took_s * ran, LATE_S))
        if unseen_s * computed > LATE_S and (whose := _whose(step)):
            ours_s, where = ours_s + unseen_s * computed, f"{whose} (nobody could look)"
        self.worst_ms = max(self.worst_ms, 1000 * ours_s)
        if ours_s > TOLD_MS / 1000:
            self.told.append(f"the loop was held {1000 * ours_s:.0f} ms: {where}")

    def _look(self) -> None:
        looked_s = time.perf_counter()
        while not self._over.wait(LOOK_S):
            now_s, began_s = time.perf_counter(), self._began_s
            since_s = now_s - max(looked_s, began_s)
            if began_s and now_s - began_s > LATE_S and since_s < LATE_S:
                frame = sys._current_frames().get(self._loop)
                self._seen_s += since_s
                if frame is not None and (where := _ours(frame)):
                    self._ours_s, self._where = self._ours_s + since_s, where
            looked_s = now_s

    def _collect(self, phase: str, _about: dict[str, Any]) -> None:
        if phase == "start":
            self._collecting_s = time.perf_counter()
        elif threading.get_ident() == self._loop:
            self._collected_s += time.perf_counter() - self._collecting_s


async def _bare() -> None:
    """Sleep until standard input ends, and print by how many milliseconds the latest waking was late."""
    over, worst_s = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read), 0.0
    while not over.done():
        due_s = time.perf_counter() + LOOK_S
        await asyncio.sleep(LOOK_S)
        worst_s = max(worst_s, time.perf_counter() - due_s)
    print(1000 * worst_s)


def _whose(step: asyncio.Handle) -> str:
    """What a step of the loop belongs to, where that is the bot."""
    task = getattr(step._callback, "__self__", None)  # type: ignore[attr-defined] # asyncio tells nobody what it runs
    code = getattr(task.get_coro(), "cr_code", None) if isinstance(task, asyncio.Task) else None
    if code is None or not (code.co_filename.startswith(_OURS) or _LIBRARY in code.co_filename):
        return ""
    return f"{code.co_filename}:{code.co_firstlineno} {code.co_qualname}"


def _ours(frame: FrameType) -> str:
    """Where the bot's code stands in what the loop runs just now; "" where it does not."""
    found, at = "", frame
    while _LOOP not in at.f_code.co_filename:
        file = at.f_code.co_filename
        if file.startswith(_OURS) or _LIBRARY in file:
            found = found or f"{file}:{at.f_lineno} {at.f_code.co_name}, at {_place(frame)}"
        if at.f_back is None:
            return ""  # the loop itself, or what began it
        at = at.f_back
    return found


def _place(frame: FrameType) -> str:
    return f"{frame.f_code.co_filename.rpartition('/')[2]}:{frame.f_lineno} {frame.f_code.co_name}"


if __name__ == "__main__":
    asyncio.run(_bare())
