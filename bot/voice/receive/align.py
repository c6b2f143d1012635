"""Frames placed on one clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.voice.receive.jitter import Arrived, Lost
from bot.voice.receive.opus import Decoder, Pcm
from bot.voice.receive.packet import SAMPLES
from pipeline.words.sound import RATE_HZ

PAUSE_S = 0.2
"""A longer silence begins a new spurt with an anchor of its own: timestamps may stand still in pauses."""
SETTLES_AFTER = 5
"""Frames of a spurt (100 ms) of which the one least delayed says when it began."""
_JUMP = RATE_HZ // 2
"""A jump of timestamps, in samples (half a second), that no loss of packets explains: another spurt."""


@dataclass(frozen=True)
class AlignedSound:
    """Sound with its place in the session."""

    start: int
    """In samples at 48 kHz since the listening began."""
    pcm: Pcm
    """Mono at 48 kHz."""

    @property
    def end(self) -> int:
        """One past the last sample."""
        return self.start + len(self.pcm)


@dataclass(frozen=True)
class _Decoded:
    """A frame that waits for its spurt's anchor."""

    offset: int
    """In samples from the spurt's first."""
    at_s: float
    """When its packet came, on the listener's clock."""
    pcm: Pcm
    """Mono at 48 kHz."""


class Spurts:
    """One stream's talk: each spurt is anchored to its arrival and runs on its own timestamps."""

    def __init__(self, began_s: float) -> None:
        self._began_s = began_s
        self._decoder = Decoder()
        self._waiting: list[_Decoded] = []
        self._anchor: int | None = None  # the spurt's first sample, in samples of the session

        self._expected = 0  # the RTP timestamp that the next frame would have without a gap
        self._last_s = float("-inf")
        self._offset = 0  # the end of the last frame, in samples from the spurt's first
        self.concealed = 0
        """Frames made up for lost ones."""

    @property
    def decoder(self) -> Decoder:
        """The decoder, with its counts of lost packets."""
        return self._decoder

    def take(self, slot: Arrived | Lost) -> Iterator[AlignedSound]:
        """The next slot of the stream, in order."""
        if isinstance(slot, Lost):
            yield from self._bridge(slot)
        elif slot.body:
            yield from self._speak(slot)

    def settle(self, now_s: float) -> Iterator[AlignedSound]:
        """Give what still waits for an anchor, once the spurt is over."""
        if self._waiting and now_s - self._last_s >= PAUSE_S:
            yield from self._anchored()

    def _speak(self, arrived: Arrived) -> Iterator[AlignedSound]:
        ahead = _signed32(arrived.timestamp - self._expected)
        # Two signs of a new spurt: time went by while timestamps stood still, or they jumped.
        if arrived.at_s - self._last_s > PAUSE_S or abs(ahead) > _JUMP:
            yield from self._anchored()
            self._anchor, self._offset, ahead = None, 0, 0
        offset = max(0, self._offset + ahead)  # a sender's clock may step back a little
        pcm = self._decoder.decode(arrived.body)
        yield from self._put(_Decoded(offset, arrived.at_s, pcm))
        self._expected = arrived.timestamp + len(pcm) & 0xFFFF_FFFF
        self._last_s = arrived.at_s

    def _bridge(self, lost: Lost) -> Iterator[AlignedSound]:
        """Packets of padding alone take numbers too: only where time is missing was sound lost."""
        if lost.follower.at_s - self._last_s > PAUSE_S or not lost.follower.body:
            return
        missing = _signed32(lost.follower.timestamp - self._expected) // SAMPLES
        # Never more than either: a pause leaves out time without numbers, padding numbers without time.
        frames = min(lost.frames, missing)
        if frames <= 0:
            return
        pcm = self._decoder.conceal(frames, lost.follower.body)
        self.concealed += frames
        # They end where the follower begins, whatever pause stood before them.
        yield from self._put(_Decoded(self._offset + (missing - frames) * SAMPLES, lost.follower.at_s, pcm))
        self._expected = lost.follower.timestamp

    def _put(self, decoded: _Decoded) -> Iterator[AlignedSound]:
        self._offset = decoded.offset + len(decoded.pcm)
        if self._anchor is not None:
            yield AlignedSound(self._anchor + decoded.offset, decoded.pcm)
            return
        self._waiting.append(decoded)
        if len(self._waiting) >= SETTLES_AFTER:
            yield from self._anchored()

    def _anchored(self) -> Iterator[AlignedSound]:
        """Anchor the spurt by the least delayed of its first frames: the network only ever makes them later."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        if self._anchor is None:
            began = min((one.at_s - self._began_s) * RATE_HZ - one.offset for one in waiting)
            self._anchor = max(0, round(began))  # the first packet may have left before the listening began
        for one in waiting:
            yield AlignedSound(self._anchor + one.offset, one.pcm)


def _signed32(difference: int) -> int:
    # RTP timestamps have 32 bits and wrap: the nearer way around the circle is meant.
    return (difference + 0x8000_0000 & 0xFFFF_FFFF) - 0x8000_0000
