"""A stranger's file, decoded in a child process."""

from __future__ import annotations

import sys
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.apart import ChildBounds, answer, ask_child
from pipeline.audio.decode import MOST_UPLOAD_BYTES, MOST_UPLOAD_S, read_upload
from pipeline.errors import Refused
from pipeline.words.sound import RATE_HZ, Samples

_FLOAT_BYTES = 4


@dataclass(frozen=True)
class Bounds(ChildBounds):
    """What the child may use, and how much sound there may be."""

    most_s: float = MOST_UPLOAD_S
    """Of sound."""
    most_bytes: int = MOST_UPLOAD_BYTES
    """Of the file."""


def read_apart(file: Path, rate_hz: int, bounds: Bounds | None = None) -> Samples:
    """A member's file as mono at `rate_hz`; raises Refused as `read_upload`, whatever the file does to its reader."""
    bounds = bounds or Bounds()
    if file.stat().st_size > bounds.most_bytes:
        raise Refused("sound_too_big", most_mb=bounds.most_bytes // 2**20)
    samples = _recorded_here(file, rate_hz, bounds.most_s)
    return _by_child(file, rate_hz, bounds) if samples is None else samples


def _recorded_here(file: Path, rate_hz: int, most_s: float) -> Samples | None:
    """Plain numbers, as the bot records what it hears: no decoder, so no child, which costs a fifth of a second."""
    try:
        with wave.open(str(file)) as sound:
            if (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) != (1, 2, RATE_HZ):
                return None
            pcm = np.frombuffer(sound.readframes(round(most_s * RATE_HZ) + 1), "<i2")
    except (wave.Error, EOFError, ValueError):
        return None
    if not len(pcm) or len(pcm) > most_s * RATE_HZ:
        return None
    import soxr

    samples = pcm.astype(np.float32) / np.float32(32_768)
    return np.asarray(np.clip(soxr.resample(samples, RATE_HZ, rate_hz), -1, 1), np.float32)


def _by_child(file: Path, rate_hz: int, bounds: Bounds) -> Samples:
    asked = [str(file.absolute()), rate_hz, bounds.most_s]
    most_bytes = round((bounds.most_s + 1) * rate_hz) * _FLOAT_BYTES
    sound = ask_child("pipeline.audio.upload", asked, bounds, most_bytes, "sound_unreadable")
    return np.frombuffer(sound, np.float32)


def _decoded(file: str, rate_hz: int, most_s: float) -> memoryview:
    return read_upload(Path(file), rate_hz, most_s).data


if __name__ == "__main__":
    sys.exit(answer(sys.argv[1], _decoded))
