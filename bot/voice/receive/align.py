"""Frames placed on one clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.voice.receive.jitter import Arrived, Lost
from bot.voice.receive.opus import Decoder, Pcm
from bot.voice.receive.packet import SAMPLES
from pipeline.words.sound import RATE_HZ

PAUSE_S = 0.2
"""Who is silent for so long begins a new spurt, anchored anew: timestamps may stand still in pauses."""
SETTLES_AFTER = 5
"""Frames of a spurt (100 ms) of which the promptest says when it began."""
_JUMP = RATE_HZ // 2
"""Timestamps that leap further (half a second) than packets can be lost are another spurt's."""


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
    pcm: Pcm


class Spurts:
    """One stream's talk: each spurt is anchored to its arrival and runs on its own timestamps."""

    def __init__(self, began_s: float) -> None:
        self._began_s = began_s
        self._decoder = Decoder()
        self._waiting: list[_Decoded] = []
        self._anchor: int | None = None
        self._first = 0
        self._expected = 0
        self._last_s = float("-inf")
        self._offset = 0
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
        """Let go of what still waits, once nothing more comes."""
        if self._waiting and now_s - self._last_s >= PAUSE_S:
            yield from self._anchored()

    def _speak(self, arrived: Arrived) -> Iterator[AlignedSound]:
        ahead = _signed32(arrived.timestamp - self._expected)
        if arrived.at_s - self._last_s > PAUSE_S or abs(ahead) > _JUMP:
            yield from self._anchored()
            self._anchor, self._offset, ahead = None, 0, 0
        offset = max(0, self._offset + ahead)
        pcm = self._decoder.decode(arrived.body)
        yield from self._put(_Decoded(offset, arrived.at_s, pcm))
        self._expected = arrived.timestamp + len(pcm) & 0xFFFF_FFFF
        self._last_s = arrived.at_s

    def _bridge(self, lost: Lost) -> Iterator[AlignedSound]:
        """Packets of padding alone take numbers too: only where time is missing was sound lost."""
        if lost.follower.at_s - self._last_s > PAUSE_S or not lost.follower.body:
            return
        missing = _signed32(lost.follower.timestamp - self._expected) // SAMPLES
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
        """The promptest of the first frames says when the spurt began; the others were only slower on their way."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        if self._anchor is None:
            began = min((one.at_s - self._began_s) * RATE_HZ - one.offset for one in waiting)
            self._anchor = max(0, round(began))
        for one in waiting:
            yield AlignedSound(self._anchor + one.offset, one.pcm)


def _signed32(difference: int) -> int:
    return (difference + 0x8000_0000 & 0xFFFF_FFFF) - 0x8000_0000
