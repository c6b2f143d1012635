"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

HALF_MADE = ".half-"
"""How files begin that are still being written; whoever sweeps or counts a folder passes them over."""

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def write_whole(path: Path, data: bytes | str, *, private: bool = False) -> None:
    """Write all of it or nothing, also when two do it at once; `private` files only their owner may read."""
    half = path.with_name(f"{HALF_MADE}{secrets.token_hex(8)}")
    # Its mode from the first byte on: a file made first and closed to others later has been open for a moment.
    handle = os.open(half, _NEW, 0o600 if private else 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
        half.replace(path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
