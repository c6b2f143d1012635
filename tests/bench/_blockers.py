"""Who holds the event loop."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections import Counter
from pathlib import Path

_LOOK_S = 0.002
_SHOWN, _DEPTH = 25, 7


class Blockers:
    """A thread that looks where the loop's own thread is, whenever the loop is late."""

    def __init__(self, late_s: float) -> None:
        self._late_s, self._main = late_s, threading.get_ident()
        self._ticked_s = time.perf_counter()
        self._found: Counter[str] = Counter()
        threading.Thread(target=self._watch, name="blockers", daemon=True).start()

    def ticked(self) -> None:
        """The loop was here."""
        self._ticked_s = time.perf_counter()

    def write(self, file: Path) -> None:
        """The commonest places first, each with how often it was seen."""
        told = (f"{count} x\n{where}" for where, count in self._found.most_common(_SHOWN))
        file.write_text("\n".join(told), encoding="utf-8")

    def _watch(self) -> None:
        while True:
            time.sleep(_LOOK_S)
            if time.perf_counter() - self._ticked_s > self._late_s:
                frames = sys._current_frames()
                where = traceback.format_list(traceback.extract_stack(frames[self._main])[-_DEPTH:])
                others = [_short(frame) for ident, frame in frames.items() if ident != self._main]
                self._found["".join(where) + "  beside: " + ", ".join(sorted(filter(None, others)))] += 1


def _short(frame: object) -> str:
    """What another thread is at, unless it waits."""
    last = traceback.extract_stack(frame)[-1]  # type: ignore[arg-type] # frames have no public type here
    waits = last.name in ("wait", "_worker", "select", "_watch", "get", "sleep", "run", "acquire", "readline")
    return "" if waits else f"{Path(last.filename).stem}.{last.name}:{last.lineno}"
