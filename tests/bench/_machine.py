"""How fast this machine is just now."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

import numpy as np

HASHES = 500_000
"""SHA-256 of 32 bytes, each of the one before: one thread, no memory."""
WIDTH, ROWS, LAYERS = 768, 256, 24
"""A pass of this many rows through so many square layers of float32 with a tanh each, by numpy's own threads."""
_TIMES = 3


def reference() -> dict[str, float]:
    """Seconds of two fixed tasks, the best of three: figures of two days or machines are compared as their ratio."""
    return {"reference_hash_s": round(_best(_hashed), 3), "reference_pass_s": round(_best(_passed), 3)}


def reference_lines() -> str:
    """The same as rows of a bench's table."""
    return "\n".join(f"{name:<24} {value:9.3f}" for name, value in reference().items())


def _best(task: Callable[[], object]) -> float:
    seconds = []
    for _ in range(_TIMES):
        began_s = time.perf_counter()
        task()
        seconds.append(time.perf_counter() - began_s)
    return min(seconds)


def _hashed() -> bytes:
    digest = bytes(32)
    for _ in range(HASHES):
        digest = hashlib.sha256(digest).digest()
    return digest


def _passed() -> float:
    chance = np.random.default_rng(1)
    layer = (chance.standard_normal((WIDTH, WIDTH)) / np.sqrt(WIDTH)).astype(np.float32)
    rows = chance.standard_normal((ROWS, WIDTH)).astype(np.float32)
    for _ in range(LAYERS):
        rows = np.tanh(rows @ layer)
    return float(rows.mean())
