"""The layout of a stem on disk."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import Refused
from pipeline.words.sound import RATE_HZ

FLOAT32 = 3
"""How a WAV calls its samples."""
HEADER_BYTES = 56
"""RIFF, fmt, fact, data: the samples that follow lie on an eight-byte border."""
_HEADER = struct.Struct("<4sI4s 4sIHHIIHH 4sII 4sI")
MOST_BYTES = 2**32 - 1
"""What a WAV's length fields can say."""


@dataclass(frozen=True)
class Layout:
    """What lies behind a header."""

    frames: int
    channels: int

    @property
    def frame_bytes(self) -> int:
        """Of one sample in every channel."""
        return 4 * self.channels


def header(layout: Layout) -> bytes:
    """The first 56 bytes of a 48 kHz WAV; lengths past 4 GB are capped, as streaming readers expect."""
    data = min(layout.frames * layout.frame_bytes, MOST_BYTES - HEADER_BYTES)
    return _HEADER.pack(
        b"RIFF", data + HEADER_BYTES - 8, b"WAVE",
        b"fmt ", 16, FLOAT32, layout.channels, RATE_HZ, RATE_HZ * layout.frame_bytes, layout.frame_bytes, 32,
        b"fact", 4, min(layout.frames, MOST_BYTES),
        b"data", data,
    )  # fmt: skip


def layout_of(head: bytes, path: Path) -> Layout:
    """What a stem's first bytes say; raises Refused `stem_unreadable` for any file that `header` did not begin."""
    try:
        (riff, _, wave, _, _, tag, channels, rate_hz, _, frame_bytes, _, fact, _, _, name, data) = _HEADER.unpack(head)
    except struct.error:
        raise Refused("stem_unreadable", file=path.name) from None
    if (riff, wave, fact, name, rate_hz, tag) != (b"RIFF", b"WAVE", b"fact", b"data", RATE_HZ, FLOAT32):
        raise Refused("stem_unreadable", file=path.name)
    return Layout(data // frame_bytes, channels)
