"""Opus frames into samples."""

from __future__ import annotations

import discord.opus
import numpy as np
import numpy.typing as npt

from bot.voice.receive.packet import SAMPLES

Pcm = npt.NDArray[np.int16]
MOST_CONCEALED = 5
"""Frames made up for lost ones (100 ms); a longer gap is silence."""

_BROKEN = (discord.opus.OpusError, ValueError)
"""Errors of libopus, or of discord.py's sums around it, for a frame that is no Opus."""


class _Mono(discord.opus.Decoder):
    """Decoder of one channel: libopus mixes a stereo stream down by itself."""

    CHANNELS = 1  # discord.py passes it to opus_decoder_create


class Decoder:
    """One stream's decoder; replaced after an error."""

    def __init__(self) -> None:
        self._inner = _fresh()
        self.rebuilt = 0
        self.decoded = 0
        """Frames that were turned into sound."""

    def decode(self, body: bytes) -> Pcm:
        """Return the samples of one frame, mono at 48 kHz; silence for one that is no Opus."""
        try:
            pcm = np.frombuffer(self._inner.decode(body, fec=False), np.int16)
        except _BROKEN:
            self._rebuild()
            return np.zeros(SAMPLES, np.int16)
        self.decoded += 1
        return pcm

    def conceal(self, frames: int, follower: bytes) -> Pcm:
        """Guess what was said in lost frames; the last of them from what its follower carries of it."""
        if frames > MOST_CONCEALED:
            return np.zeros(frames * SAMPLES, np.int16)
        try:
            # In order: each call moves the decoder's state on, and the follower is decoded once more after.
            made = [self._inner.decode(None, fec=False) for _ in range(frames - 1)]
            made.append(self._inner.decode(follower, fec=True))
        except _BROKEN:
            self._rebuild()
            return np.zeros(frames * SAMPLES, np.int16)
        return _fitted(np.frombuffer(b"".join(made), np.int16), frames * SAMPLES)

    def _rebuild(self) -> None:
        # After a broken frame its state may be anything, and all later frames lean on it.
        self._inner = _fresh()
        self.rebuilt += 1


def _fresh() -> _Mono:
    return _Mono()  # type: ignore[no-untyped-call] # untyped there


def _fitted(pcm: Pcm, samples: int) -> Pcm:
    return pcm[:samples] if len(pcm) >= samples else np.pad(pcm, (0, samples - len(pcm)))
