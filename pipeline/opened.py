"""Sealed files, opened for a while."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import weakref
from pathlib import Path

from pipeline.seal import MARK, Seal

MEMORY = Path("/dev/shm")  # noqa: S108 - memory, not a disk: what is opened there is gone with the power
MOST_BYTES = 256_000_000
"""Of opened files together; the oldest go first."""
STAYS_S = 600.0
"""Whoever asked for a path has opened it by then."""
HALF_MADE = ".half-"
_PREFIX = "echotales-opened-"


class Opened:
    """A folder of our own, gone with the process that made it."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        memory = MEMORY if MEMORY.is_dir() else None
        if memory is not None:
            _tidy_after_the_dead(memory)
        self._folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=memory))
        self._gone = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    def of(self, sealed: Path) -> Path:
        """A path to read it from; what was kept before there was a key is open as it is.

        Raises Damaged `seal_broken`.
        """
        opened = self._folder / sealed.name
        if opened.exists():
            return opened
        data = sealed.read_bytes()
        if not data.startswith(MARK.encode()):
            return sealed
        write_whole(opened, self._seal.open_bytes(data))
        self._make_room(opened)
        return opened

    def close(self, sealed: Path) -> None:
        """It was erased."""
        (self._folder / sealed.name).unlink(missing_ok=True)

    def _make_room(self, newest: Path) -> None:
        found = [(path, path.stat()) for path in self._folder.iterdir() if path != newest]
        over = sum(stat.st_size for _, stat in found) + newest.stat().st_size - MOST_BYTES
        for path, stat in sorted(found, key=lambda one: one[1].st_mtime):
            if over <= 0 or time.time() - stat.st_mtime < STAYS_S:
                return
            path.unlink(missing_ok=True)
            over -= stat.st_size


def _tidy_after_the_dead(memory: Path) -> None:
    """What a killed process left open; only ours, for we may remove no one else's."""
    for left in memory.glob(f"{_PREFIX}*"):
        pid = left.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(left, ignore_errors=True)


def write_whole(path: Path, data: bytes) -> None:
    """All of it or nothing, also when two do it at once."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=HALF_MADE)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
