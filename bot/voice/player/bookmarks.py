"""Where each tale was when the bot went."""

from __future__ import annotations

import contextlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.whole_file import write_whole


@dataclass(frozen=True)
class Bookmark:
    """Place in a tale that is told aloud; it holds no member's data."""

    guild_id: int
    channel_id: int
    at: int
    """First sample of the line that was heard, on the tale's timeline."""


class Bookmarks:
    """Small file, rewritten at each line; on a thread, since a busy disk held the event loop for 0.3 s."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._kept = _read(file)
        # One thread, so that an older state never overwrites a newer one.
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="bookmarks")

    def of(self, tale: str) -> Bookmark | None:
        """Return where the tale was, if it was being told or waited for its turn."""
        return self._kept.get(tale)

    def every(self) -> tuple[str, ...]:
        """The tales that have one."""
        return tuple(self._kept)

    def keep(self, tale: str, bookmark: Bookmark) -> None:
        """Note where the tale is now."""
        if self._kept.get(tale) != bookmark:
            self._kept[tale] = bookmark
            self._write()

    def forget(self, tale: str) -> None:
        """Remove the bookmark of a tale that is not told any more."""
        if self._kept.pop(tale, None) is not None:
            self._write()

    def close(self) -> None:
        """Wait until all is written; later changes are dropped."""
        self._hand.shutdown()

    def _write(self) -> None:
        told = json.dumps({tale: asdict(one) for tale, one in self._kept.items()})
        with contextlib.suppress(RuntimeError):  # closed: the bot stops, and the last written place stands
            self._hand.submit(self._written, told)

    def _written(self, told: str) -> None:
        # A full disk costs the place in a tale, never the tale.
        with contextlib.suppress(OSError):
            write_whole(self._file, told)


def _read(file: Path) -> dict[str, Bookmark]:
    try:
        return {tale: Bookmark(**one) for tale, one in json.loads(file.read_text("utf-8")).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
