"""What somebody heard, and when."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tests.discord_double.members.opus import CHANNELS, SAMPLE_RATE_HZ, Decoder
from tests.discord_double.voice.rtp import FRAME_SAMPLES, SILENCE

NEW_SPURT_S = 0.2
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class HeardFrame:
    """One Opus frame as it reached an ear."""

    at_s: float  # when, by the double's clock
    sender_id: int
    sequence: int
    timestamp: int  # RTP's, in 1/48000 s
    opus: bytes


@dataclass(frozen=True)
class Heard:
    """Everything heard in a while."""

    began_s: float  # by the double's clock
    ended_s: float
    frames: tuple[HeardFrame, ...]  # in the order they came, silences included

    @property
    def speakers(self) -> set[int]:
        return {each.sender_id for each in self.frames if each.opus != SILENCE}

    def of(self, sender_id: int) -> Heard:
        """What one speaker was heard saying."""
        return Heard(self.began_s, self.ended_s, tuple(each for each in self.frames if each.sender_id == sender_id))

    @cached_property
    def sound(self) -> Floats:
        """All speakers together, stereo at 48 kHz, every frame where it was heard; sample 0 is `began_s`."""
        placed = [piece for sender in sorted(self.speakers) for piece in _placed(self.of(sender).frames, self.began_s)]
        size = max([round((self.ended_s - self.began_s) * SAMPLE_RATE_HZ), *(at + len(pcm) for at, pcm in placed)])
        mixed = np.zeros((size, CHANNELS), np.float32)
        for at, pcm in placed:
            mixed[at : at + len(pcm)] += pcm
        return mixed

    @property
    def missing(self) -> int:
        """Frames lost on the way, by the gaps in the sequence numbers of each speaker."""
        return sum(_missing(self.of(sender).frames) for sender in self.speakers)

    @property
    def speech_s(self) -> float:
        """Seconds of frames that are not silence."""
        return sum(each.opus != SILENCE for each in self.frames) * FRAME_SAMPLES / SAMPLE_RATE_HZ

    def pitch_hz(self) -> float:
        """The strongest frequency, for tests with tones."""
        mono = self.sound.mean(axis=1)
        loud = np.flatnonzero(np.abs(mono) > 0.01)
        if not len(loud):
            return 0.0
        spoken = mono[loud[0] : loud[-1] + 1]
        spectrum = np.abs(np.fft.rfft(spoken * np.hanning(len(spoken))))
        return float(np.argmax(spectrum)) * SAMPLE_RATE_HZ / len(spoken)


def _placed(frames: tuple[HeardFrame, ...], began_s: float) -> list[tuple[int, Floats]]:
    """Samples with their places: inside a spurt the sender's clock rules, each new spurt starts when it came."""
    decoder = Decoder()
    pieces: list[tuple[int, Floats]] = []
    anchor_at, anchor_timestamp = 0, 0
    last: HeardFrame | None = None
    for frame in sorted(frames, key=lambda each: (each.at_s, _unwrapped(each, frames[0]))):
        if last is None or frame.at_s - last.at_s > NEW_SPURT_S:
            anchor_at, anchor_timestamp = round((frame.at_s - began_s) * SAMPLE_RATE_HZ), frame.timestamp
        last = frame
        place = anchor_at + _signed(frame.timestamp - anchor_timestamp, 32)
        if place >= 0 and frame.opus != SILENCE:
            pieces.append((place, decoder.decode(frame.opus).astype(np.float32) / np.float32(32768)))
    return pieces


def _missing(frames: tuple[HeardFrame, ...]) -> int:
    places = {_unwrapped(each, frames[0]) for each in frames}
    return max(places) - min(places) + 1 - len(places)


def _unwrapped(frame: HeardFrame, first: HeardFrame) -> int:
    return _signed(frame.sequence - first.sequence, 16)


def _signed(number: int, bits: int) -> int:
    """A difference of two numbers that wrap, as the shorter way round."""
    half = 1 << (bits - 1)
    return ((number + half) & ((1 << bits) - 1)) - half
