"""Packets back in their order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

WAIT_S = 0.08
"""How long a gap is left open for who comes late."""
_STRANGE = 3_000
"""Sequence numbers this far apart (a minute) belong to another stream."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One frame in the clear, with its place."""

    sequence: int
    timestamp: int
    at_s: float
    """When it came, on the listener's clock."""
    body: bytes
    """Opus; empty for a packet of padding alone."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Frames that never came."""

    frames: int
    follower: Arrived
    """The one after the gap: it may carry what was lost."""


class Jitter:
    """One stream's frames, held until their turn; doubles and stragglers are dropped and counted."""

    def __init__(self, wait_s: float = WAIT_S) -> None:
        self._wait_s = wait_s
        self._held: dict[int, Arrived] = {}
        self._next: int | None = None
        self._newest = 0
        self.dropped = 0

    def put(self, arrived: Arrived) -> None:
        """Take one as it comes."""
        place = self._unwrapped(arrived.sequence)
        if place in self._held or (self._next is not None and place < self._next):
            self.dropped += 1
            return
        self._held[place] = arrived

    def take(self, now_s: float) -> Iterator[Arrived | Lost]:
        """Whatever is in order, or has waited long enough."""
        while self._held:
            first = min(self._held)
            arrived = self._held[first]
            if first != self._next:
                if now_s - arrived.at_s < self._wait_s:
                    return
                if self._next is not None:
                    yield Lost(first - self._next, arrived)
            del self._held[first]
            self._next = first + 1
            yield arrived

    def _unwrapped(self, sequence: int) -> int:
        """The number without its wrap; a stream that begins again stands behind the old one."""
        if self._next is None and not self._held:
            self._newest = sequence
            return sequence
        place = self._newest + _signed16(sequence - self._newest)
        if abs(place - self._newest) > _STRANGE:
            self._held.clear()
            self._next = None
            self._newest = sequence
            return sequence
        self._newest = max(self._newest, place)
        return place


def _signed16(difference: int) -> int:
    return (difference + 0x8000 & 0xFFFF) - 0x8000
