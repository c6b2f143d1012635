"""Sealed files, opened for a while."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.places import MEMORY, OPENED
from pipeline.seal import MARK, Seal
from pipeline.whole_file import write_whole

MOST_BYTES = 256_000_000
"""Of opened files together; the one that was asked for longest ago goes first."""
_SHARE = 0.4
"""Of that folder's whole size at most: bot and executor have one each."""


class Opened:
    """A folder of our own, gone with the process that made it."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        memory = MEMORY if MEMORY.is_dir() else Path(tempfile.gettempdir())
        _tidy_after_the_dead(memory)
        self._folder, held = _folder_in(memory)
        self._most_bytes = min(MOST_BYTES, int(shutil.disk_usage(memory).total * _SHARE))
        self._lock = threading.Lock()
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._gone = weakref.finalize(self, _gone, self._folder, held)

    def of(self, sealed: Path) -> Path:
        """A path to read it from, at once: it goes when others need the room, and is asked for anew.

        What was kept before there was a key is open as it is. Raises Damaged `seal_broken` and OSError.
        """
        opened = self._folder / sealed.name
        with self._lock:
            if sealed.name in self._sizes and opened.exists():
                self._sizes.move_to_end(sealed.name)
                return opened
        data = sealed.read_bytes()
        if not data.startswith(MARK.encode()):
            return sealed
        with self._lock:
            self._write(opened, self._seal.open_bytes(data))
        return opened

    def close(self, sealed: Path) -> None:
        """Remove the opened copy of a file that was erased."""
        with self._lock:
            self._sizes.pop(sealed.name, None)
            (self._folder / sealed.name).unlink(missing_ok=True)

    def close_if(self, gone: Callable[[str], bool]) -> None:
        """Those of whose sealed file, by its name, this holds: another process erased it."""
        with self._lock:
            names = list(self._sizes)
        for name in filter(gone, names):
            self.close(Path(name))

    def _write(self, opened: Path, data: bytes) -> None:
        """Never past the ceiling, but for a file that is longer by itself."""
        self._folder.mkdir(mode=0o700, exist_ok=True)  # some systems clear that folder when their user goes
        self._make_room(self._most_bytes - len(data))
        try:
            write_whole(opened, data, private=True)
        except OSError:
            self._make_room(0)  # somebody else filled the folder
            write_whole(opened, data, private=True)
        self._sizes[opened.name] = len(data)

    def _make_room(self, most_bytes: int) -> None:
        held = sum(self._sizes.values())
        for name, size in list(self._sizes.items()):
            if held <= most_bytes:
                return
            with suppress(PermissionError):  # Windows keeps what somebody reads just now
                (self._folder / name).unlink(missing_ok=True)
                del self._sizes[name]
                held -= size


def _folder_in(memory: Path) -> tuple[Path, FileLock]:
    """With a lock beside it, taken first and freed by the system when we die, however we do."""
    handle, name = tempfile.mkstemp(prefix=OPENED, suffix=".lock", dir=memory)
    os.close(handle)
    held = FileLock(name, thread_local=False)
    held.acquire()
    folder = Path(name).with_suffix("")
    folder.mkdir(mode=0o700)
    return folder, held


def _gone(folder: Path, held: FileLock) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    held.release()
    Path(held.lock_file).unlink(missing_ok=True)


def _tidy_after_the_dead(memory: Path) -> None:
    """What a killed process left open goes."""
    for left in memory.glob(f"{OPENED}*"):
        if not left.is_dir():
            continue
        with suppress(Timeout, OSError):  # alive, or somebody else's
            held = FileLock(f"{left}.lock", thread_local=False)
            held.acquire(blocking=False)
            _gone(left, held)
