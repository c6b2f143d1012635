"""One thread that makes all calls' sound."""

from __future__ import annotations

import threading
from typing import Protocol

from pipeline.log import log_of

LOOK_S = 0.06
"""Seconds between two looks at who needs more; a player has a second ready."""
log = log_of("blocks")


class Maker(Protocol):
    """Source whose sound is made ahead."""

    @property
    def ahead(self) -> int:
        """Number of frames that are ready."""

    @property
    def short(self) -> bool:
        """Whether more should be made."""

    def make(self) -> None:
        """Make a little more; a maker that raises is removed."""


class Blocks:
    """One worker for every player of the bot: the maker with the least ready is served first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # makers come and go on the event loop, the worker looks at them
        self._makers: list[Maker] = []
        self._called = threading.Event()
        self._closed = False
        self._worker: threading.Thread | None = None

    def add(self, maker: Maker) -> None:
        """Serve a maker from now on; the thread starts with the first."""
        with self._lock:
            self._makers.append(maker)
            if self._worker is None and not self._closed:
                self._worker = threading.Thread(target=self._work, name="sound-blocks", daemon=True)
                self._worker.start()
        self.wake()

    def remove(self, maker: Maker) -> None:
        """Stop making blocks for it."""
        with self._lock:
            self._makers = [one for one in self._makers if one is not maker]

    def wake(self) -> None:
        """Look at once: a listener's wish or an empty buffer does not wait for the next look."""
        self._called.set()

    def close(self) -> None:
        """End the thread; frames that are ready stay ready."""
        with self._lock:
            self._closed = True
        self.wake()
        if self._worker is not None:
            self._worker.join()

    def _work(self) -> None:
        while not self._closed:
            self._called.wait(LOOK_S)
            # Cleared before the work: a call that comes meanwhile is seen at the next turn.
            self._called.clear()
            while (neediest := self._neediest()) is not None:
                self._serve(neediest)

    def _serve(self, maker: Maker) -> None:
        """Let one maker make, and outlive its error: this thread is every server's."""
        try:
            maker.make()
        except Exception:
            log.exception("audio_maker_failed")
            self.remove(maker)

    def _neediest(self) -> Maker | None:
        with self._lock:
            if self._closed:
                return None
            return min((one for one in self._makers if one.short), key=lambda one: one.ahead, default=None)
