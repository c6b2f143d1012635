"""All calls' sound, made on one thread."""

from __future__ import annotations

import threading
from typing import Protocol

from pipeline.log import log_of

LOOK_S = 0.06
"""How often it is looked who needs more."""
log = log_of("blocks")


class Maker(Protocol):
    """Somebody whose sound is made ahead."""

    @property
    def ahead(self) -> int:
        """Frames that are ready."""

    @property
    def short(self) -> bool:
        """Whether more should be made."""

    def make(self) -> None:
        """Make a little more; who raises is served no more."""


class Blocks:
    """One worker for every mouth of the bot: who has least ready is served first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._makers: list[Maker] = []
        self._called = threading.Event()
        self._closed = False
        self._worker: threading.Thread | None = None

    def add(self, maker: Maker) -> None:
        """Serve it from now on; the thread begins with the first."""
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
        """Somebody wants something at once."""
        self._called.set()

    def close(self) -> None:
        """End the thread; what is ready stays ready."""
        with self._lock:
            self._closed = True
        self.wake()
        if self._worker is not None:
            self._worker.join()

    def _work(self) -> None:
        while not self._closed:
            self._called.wait(LOOK_S)
            self._called.clear()
            while (neediest := self._neediest()) is not None:
                self._serve(neediest)

    def _serve(self, maker: Maker) -> None:
        """Whatever befalls one, the others are served: this thread is every server's."""
        try:
            maker.make()
        except Exception:
            log.exception("maker_broke")
            self.remove(maker)

    def _neediest(self) -> Maker | None:
        with self._lock:
            if self._closed:
                return None
            return min((one for one in self._makers if one.short), key=lambda one: one.ahead, default=None)
