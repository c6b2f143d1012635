"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import Unwell

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


@contextmanager
def disk_faults(folder: Path) -> Iterator[None]:
    """Raise what the disk refuses as Unwell `disk_full` or `disk_refused`."""
    try:
        yield
    except OSError as error:
        code = "disk_full" if error.errno == errno.ENOSPC else "disk_refused"
        raise Unwell(code, folder=str(folder), why=str(error)) from error
