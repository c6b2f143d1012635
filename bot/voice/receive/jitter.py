"""Packets back in their order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

WAIT_S = 0.08
"""Seconds a gap stays open for a late packet; what comes later counts as lost."""
_STRANGE = 3_000
"""Sequence numbers this far apart (a minute of speech) belong to another stream."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One frame in the clear, with its place."""

    sequence: int
    """16 bits, wraps."""
    timestamp: int
    """32 bits, wraps, in 1/48000 s."""
    at_s: float
    """When it came, on the listener's clock."""
    body: bytes
    """Opus; empty for a packet of padding alone."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Frames that never came."""

    frames: int
    """How many, 20 ms each."""
    follower: Arrived
    """The one after the gap: it may carry the last of the lost ones (Opus's forward error correction)."""


class Jitter:
    """One stream's frames, held until their turn; doubles and late ones are dropped and counted."""

    def __init__(self, wait_s: float = WAIT_S) -> None:
        self._wait_s = wait_s
        self._held: dict[int, Arrived] = {}
        self._next: int | None = None
        self._newest = 0
        self.dropped = 0

    def put(self, arrived: Arrived) -> None:
        """Take a frame as it comes."""
        place = self._unwrapped(arrived.sequence)
        if place in self._held or (self._next is not None and place < self._next):
            self.dropped += 1
            return
        self._held[place] = arrived

    def take(self, now_s: float) -> Iterator[Arrived | Lost]:
        """Give what is in order, or has waited long enough."""
        while self._held:
            first = min(self._held)
            arrived = self._held[first]
            if first != self._next:
                if now_s - arrived.at_s < self._wait_s:
                    return
                # The very first frame waits too, for one that overtook it, but nothing is lost before it.
                if self._next is not None:
                    yield Lost(first - self._next, arrived)
            del self._held[first]
            self._next = first + 1
            yield arrived

    def _unwrapped(self, sequence: int) -> int:
        """Return the number without its wrap; a far jump begins the stream anew."""
        if self._next is None and not self._held:
            self._newest = sequence
            return sequence
        place = self._newest + _signed16(sequence - self._newest)
        if abs(place - self._newest) > _STRANGE:
            # What is held belongs to the old stream: nothing tells how far the two lie apart.
            self._held.clear()
            self._next = None
            self._newest = sequence
            return sequence
        self._newest = max(self._newest, place)
        return place


def _signed16(difference: int) -> int:
    # Sequence numbers have 16 bits and wrap after 22 minutes: the nearer way around is meant.
    return (difference + 0x8000 & 0xFFFF) - 0x8000
