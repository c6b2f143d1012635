"""Many servers told to at once."""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, cast

import nacl.secret
import numpy as np
from discord.player import AudioPlayer

from bot.voice.player.audio_worker import Blocks
from bot.voice.player.tale_source import Mouth
from tests.pipeline.audio.making import Made, made

KEY = bytes(32)


class Sink:
    """Stands where a voice client would: seals and sends every packet, as discord.py does, to nobody."""

    timeout = 1.0

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(("127.0.0.1", 9))
        self._nonce = 0
        self.sent_s: list[float] = []

    def is_connected(self) -> bool:
        return True

    def send_audio_packet(self, data: bytes, *, encode: bool = True) -> None:
        self.sent_s.append(time.perf_counter())
        self._nonce += 1
        sealed = nacl.secret.Aead(KEY).encrypt(data, bytes(12), self._nonce.to_bytes(24, "big")).ciphertext
        with contextlib.suppress(OSError):  # nobody listens there
            self._socket.send(bytes(12) + sealed)


class Player(AudioPlayer):
    """discord.py's own thread, which tells no gateway that it speaks."""

    def _speak(self, speaking: Any) -> None:
        """To nobody."""


def main(argv: list[str]) -> int:
    """Print cpu seconds a second, jitter and underruns of so many mouths over so many seconds."""
    count, seconds = int(argv[0]), float(argv[1])
    with tempfile.TemporaryDirectory() as folder:
        tale = made(Path(folder), lengths_s=(8.0,) * (2 + int(seconds / 8)))
        print(json.dumps(_played(tale, count, seconds)))
    return 0


def _played(tale: Made, count: int, seconds: float) -> dict[str, float]:
    blocks, sinks = Blocks(), [Sink() for _ in range(count)]
    mouths = [Mouth(tale.path_of, blocks) for _ in range(count)]
    for mouth in mouths:
        blocks.add(mouth)
        mouth.grow(tale.timeline)
    players = [Player(mouth, cast(Any, sink)) for mouth, sink in zip(mouths, sinks, strict=True)]
    for player in players:
        player.start()
    time.sleep(1.0)
    cpu_s, since_s = time.process_time(), time.perf_counter()
    time.sleep(seconds)
    share = (time.process_time() - cpu_s) / (time.perf_counter() - since_s)
    for player in players:
        player.stop()
    blocks.close()
    late_ms = [
        abs(step - 0.02) * 1000 for sink in sinks for step in np.diff([at for at in sink.sent_s if at > since_s])
    ]
    return {
        "core_share": round(share, 3),
        "jitter_ms_p99": round(float(np.percentile(late_ms, 99)), 2),
        "underruns": sum(mouth.underruns for mouth in mouths),
        "threads": threading.active_count(),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
