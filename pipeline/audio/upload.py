"""A stranger's file, decoded in a child process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np

from pipeline.audio.decode import MOST_UPLOAD_BYTES, MOST_UPLOAD_S, read_upload
from pipeline.errors import Refused
from pipeline.places import CHECKOUT
from pipeline.words.sound import RATE_HZ, Samples

_PIECE_BYTES = 1 << 16
_FLOAT_BYTES = 4


@dataclass(frozen=True)
class Bounds:
    """What the child may use; a small file may claim gigabytes and hours."""

    memory_bytes: int = 2**30
    """Address space, libraries included; where the system keeps to it (Linux does)."""
    cpu_s: int = 60
    wall_s: float = 120.0
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
    asked = json.dumps([str(file.absolute()), rate_hz, bounds.memory_bytes, bounds.cpu_s, bounds.most_s])
    child = subprocess.Popen(
        [sys.executable, "-m", "pipeline.audio.upload", asked],
        cwd=CHECKOUT,
        env=_environ(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with child:
        late = threading.Timer(bounds.wall_s, child.kill)
        late.start()
        try:
            sound = _at_most(cast(IO[bytes], child.stdout), round((bounds.most_s + 1) * rate_hz) * _FLOAT_BYTES)
            said = cast(IO[bytes], child.stderr).read(_PIECE_BYTES)
        finally:
            late.cancel()
            child.kill()  # done long ago, or never to be
    if child.returncode or len(sound) % _FLOAT_BYTES:
        raise _refusal(said, child.returncode)
    return np.frombuffer(sound, np.float32)


def _environ() -> dict[str, str]:
    """No secret of ours, and one thread: a decoder that is taken over finds nothing to tell."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    return kept | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(CHECKOUT)}


def _at_most(pipe: IO[bytes], most_bytes: int) -> bytearray:
    """To its end; raises Refused where more comes than the longest sound has."""
    sound = bytearray()
    while piece := pipe.read(_PIECE_BYTES):
        sound += piece
        if len(sound) > most_bytes:
            raise Refused("sound_unreadable", why="too much sound")
    return sound


def _refusal(said: bytes, code: int) -> Refused:
    try:
        told = json.loads(said)
        return Refused(str(told["code"]), **told["fields"])
    except (ValueError, LookupError, TypeError):
        return Refused("sound_unreadable", why=f"decoder ended with {code}")


def _child(asked: str) -> int:
    """Samples to stdout, or a refusal to stderr; dies alone of whatever the file claims."""
    file, rate_hz, memory_bytes, cpu_s, most_s = json.loads(asked)
    _bind(memory_bytes, cpu_s)
    try:
        samples = read_upload(Path(file), rate_hz, most_s)
    except Refused as refused:
        print(json.dumps({"code": refused.code, "fields": refused.fields}), file=sys.stderr)
        return 1
    sys.stdout.buffer.write(samples.data)
    return 0


def _bind(memory_bytes: int, cpu_s: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(_child(sys.argv[1]))
