"""Snowflakes, minted in order."""

from __future__ import annotations

from tests.discord_double.clock import Clock

DISCORD_EPOCH_MS = 1_420_070_400_000
SERIAL_BITS = 22


class Mint:
    """Gives identifiers whose time is the clock's and which only ever grow."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        fresh = (int(self._clock.now_s() * 1000) - DISCORD_EPOCH_MS) << SERIAL_BITS
        self._last = max(fresh, self._last + 1)
        return self._last
