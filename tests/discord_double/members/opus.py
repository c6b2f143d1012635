"""Opus, with the library that PyAV brings."""

from __future__ import annotations

import ctypes.util
import sys
from pathlib import Path

import av
import discord.opus
import numpy as np
from numpy.typing import NDArray

from tests.discord_double.voice.rtp import FRAME_SAMPLES

SAMPLE_RATE_HZ = 48_000
CHANNELS = 2
Samples = NDArray[np.int16]  # (samples, 2)


def load() -> None:
    """Make libopus known to discord.py, once."""
    if discord.opus.is_loaded():
        return
    if sys.platform == "win32":
        discord.opus._load_default()
        return
    beside = Path(av.__file__).parent
    found = [*beside.parent.glob("av.libs/libopus-*.so*"), *beside.glob(".dylibs/libopus*.dylib")]
    discord.opus.load_opus(str(found[0]) if found else ctypes.util.find_library("opus") or "libopus.so.0")


class Encoder:
    """Turns stereo samples into Opus frames of 20 ms."""

    def __init__(self) -> None:
        load()
        self._encoder = discord.opus.Encoder()

    def frames(self, samples: Samples) -> list[bytes]:
        """The frames of a whole sound; the last is filled up with silence."""
        missing = -len(samples) % FRAME_SAMPLES
        whole = np.ascontiguousarray(np.pad(samples, ((0, missing), (0, 0))), dtype=np.int16)
        return [
            self._encoder.encode(each.tobytes(), FRAME_SAMPLES) for each in whole.reshape(-1, FRAME_SAMPLES, CHANNELS)
        ]


class Decoder:
    """Turns one speaker's Opus frames into stereo samples."""

    def __init__(self) -> None:
        load()
        self._decoder: discord.opus.Decoder = discord.opus.Decoder()  # type: ignore[no-untyped-call] # untyped there

    def decode(self, frame: bytes) -> Samples:
        pcm = self._decoder.decode(frame, fec=False)
        return np.frombuffer(pcm, dtype=np.int16).reshape(-1, CHANNELS)


def read_sound(path: Path) -> Samples:
    """Any sound file as 48 kHz stereo."""
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=SAMPLE_RATE_HZ)
    pieces: list[Samples] = []
    with av.open(str(path)) as container:
        for frame in [*container.decode(audio=0), None]:
            pieces += [
                np.asarray(out.to_ndarray(), np.int16).reshape(-1, CHANNELS) for out in resampler.resample(frame)
            ]
    return np.concatenate(pieces) if pieces else np.zeros((0, CHANNELS), np.int16)


def tone(frequency_hz: float, seconds: float, level: float = 0.3) -> Samples:
    """A sine, for tests."""
    at = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    wave = np.asarray(level * 32767 * np.sin(2 * np.pi * frequency_hz * at), np.int16)
    return np.stack([wave, wave], axis=1)
