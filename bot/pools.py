"""Threads by the kind of their work.

What takes long must not stand in the way of what is short: each kind waits in a line of its own, and the event loop's
own threads are left to the databases.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


class Pool:
    """At most so many threads for one kind of work; what comes meanwhile waits its turn."""

    def __init__(self, name: str, most: int) -> None:
        self._threads = ThreadPoolExecutor(most, thread_name_prefix=f"echotales-{name}")

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do it on a thread of this pool, with the caller's context."""
        call = partial(contextvars.copy_context().run, work, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def close(self) -> None:
        """Take nothing more; what waits is dropped, what runs ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True)
class Pools:
    """Made once in app.py."""

    words: Pool = field(default_factory=lambda: Pool("words", 1))
    """Reading texts for what must not stand in them; one at a time, for it takes the interpreter."""
    sounds: Pool = field(default_factory=lambda: Pool("sounds", 1))
    """Encoding; one at a time, for the machine has others to tell."""
    files: Pool = field(default_factory=lambda: Pool("files", 8))
    """Kept files; each may have to come from a depot that is slow or away."""

    def close(self) -> None:
        """See Pool."""
        for pool in (self.words, self.sounds, self.files):
            pool.close()
