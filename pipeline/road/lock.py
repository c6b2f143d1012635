"""A lock that one process holds."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Self

from pipeline.errors import Unwell

_TRIES, _AGAIN_S = 20, 0.05


class Lock:
    """A lock on a name, until the block or process ends, however it ends; raises Unwell `worker_name_taken`."""

    def __init__(self, folder: Path, name: str, tries: int = _TRIES) -> None:
        self._path = folder / f"{name}.lock"
        self._name = name
        self._tries = tries
        self._handle = -1

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        if not self._taken():
            os.close(self._handle)
            raise Unwell("worker_name_taken", name=self._name)
        return self

    def _taken(self) -> bool:
        """Whether the lock could be taken in the given tries."""
        # More than one try: a process that only looks whether we live holds the lock for an instant.
        for more in range(self._tries - 1, -1, -1):
            if _take(self._handle):
                return True
            if more:
                time.sleep(_AGAIN_S)
        return False

    def sign(self) -> None:
        """Write our process id into the file."""
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, str(os.getpid()).encode(), 0)

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def beat(self) -> None:
        """Change the file, so that the supervisor sees that this process is not stuck."""
        os.utime(self._path)


def lives(folder: Path, name: str) -> bool:
    """Whether a process holds the lock now."""
    try:
        with Lock(folder, name, tries=1):
            return False
    except Unwell:
        return True


def holder(folder: Path, name: str) -> int:
    """Return the id of the process that holds the lock; 0 where none does."""
    path = folder / f"{name}.lock"
    told = path.read_text("utf-8") if path.exists() and lives(folder, name) else ""
    return int(told) if told.isdigit() else 0


def last_beat(folder: Path, name: str) -> int:
    """Return a figure that changes with every beat; 0 before the first."""
    path = folder / f"{name}.lock"
    return path.stat().st_mtime_ns if path.exists() else 0


def _take(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
