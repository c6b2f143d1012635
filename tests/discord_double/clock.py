"""Time the double keeps, movable by hand."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time


class Clock:
    """Seconds as the double counts them: `rate` of them pass in one real second, and `advance` adds more at once."""

    def __init__(self, rate: float = 1.0) -> None:
        self.rate = rate
        self._offset_s = time.time()
        self._started_s = time.perf_counter()
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now_s(self) -> float:
        """Seconds since the epoch."""
        return self._offset_s + (time.perf_counter() - self._started_s) * self.rate

    def rate_to(self, rate: float) -> None:
        """From now on let `rate` seconds pass in each real one."""
        self._offset_s, self._started_s, self.rate = self.now_s(), time.perf_counter(), rate

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass now; whoever slept past its hour wakes."""
        self._offset_s += seconds
        self._wake()

    def real_s(self, seconds: float) -> float:
        """How many real seconds `seconds` of this clock take when nobody advances it."""
        return max(seconds, 0.0) / self.rate

    async def sleep(self, seconds: float) -> None:
        await self.sleep_until(self.now_s() + seconds)

    async def sleep_until(self, hour_s: float) -> None:
        """Wait until the clock reads `hour_s`; an hour already past still yields once to the loop."""
        if hour_s <= self.now_s():
            await asyncio.sleep(0)
            return
        loop = asyncio.get_running_loop()
        woken: asyncio.Future[None] = loop.create_future()
        heapq.heappush(self._sleepers, (hour_s, next(self._order), woken))
        timer = loop.call_later(self.real_s(hour_s - self.now_s()), self._wake)
        try:
            await woken
        finally:
            timer.cancel()

    def _wake(self) -> None:
        # Half a millisecond early is on time: the loop's timers are no finer.
        now_s = self.now_s() + 0.0005 * self.rate
        while self._sleepers and self._sleepers[0][0] <= now_s:
            woken = heapq.heappop(self._sleepers)[2]
            if not woken.done():
                woken.set_result(None)
