"""Threads by the kind of their work.

Long work must not delay short work: each kind has a queue of its own, and the event loop's own threads are left to
the databases. With one pool for all, thirty presses of Share kept everybody's wish from being answered.
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
    """Threads for one kind of work, at most `most`; further work waits its turn."""

    def __init__(self, name: str, most: int) -> None:
        self._threads = ThreadPoolExecutor(most, thread_name_prefix=f"echotales-{name}")

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do work on a thread of this pool, with the caller's context."""
        # run_in_executor, unlike asyncio.to_thread, takes no context along: logs would lose their job's id.
        call = partial(contextvars.copy_context().run, work, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def close(self) -> None:
        """Take no more work; what waits is dropped, what runs ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True)
class Pools:
    """All pools of the bot, made once in app.py."""

    words: Pool = field(default_factory=lambda: Pool("words", 1))
    """Filters texts; one at a time, since it holds the interpreter."""
    sounds: Pool = field(default_factory=lambda: Pool("sounds", 1))
    """Encodes; one at a time, since the machine is making tales meanwhile."""
    files: Pool = field(default_factory=lambda: Pool("files", 8))
    """Reads and writes kept files; each may have to come from a store that is slow or away."""

    def close(self) -> None:
        """Close every pool."""
        for pool in (self.words, self.sounds, self.files):
            pool.close()
