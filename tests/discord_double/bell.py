"""A bell rung whenever something changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")


class NeverSeen(AssertionError):
    """What was waited for did not come in time."""


class Bell:
    """Lets anybody wait until a look at the world shows something."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)

    async def until(self, look: Callable[[], Seen | None], *, within_s: float, why: str) -> Seen:
        """The first true thing that `look` shows, looked for at each ring; `within_s` real seconds, or NeverSeen."""
        try:
            async with asyncio.timeout(within_s):
                while not (seen := look()):
                    await self._next_ring()
        except TimeoutError:
            raise NeverSeen(f"{why}: not within {within_s} s") from None
        return seen

    async def rung(self, *, within_s: float) -> None:
        """Wait for the next ring, whatever it is for."""
        try:
            async with asyncio.timeout(within_s):
                await self._next_ring()
        except TimeoutError:
            raise NeverSeen(f"nothing changed within {within_s} s") from None

    async def _next_ring(self) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiting)
        try:
            await waiting
        finally:
            self._waiting.discard(waiting)
