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
    """A place in a tale that is told aloud; it holds nothing of anybody's."""

    guild_id: int
    channel_id: int
    at: int
    """The first sample of the line that was heard."""


class Bookmarks:
    """A small file, written anew at each line; on a thread, for a busy disk may take a third of a second."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._kept = _read(file)
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="bookmarks")

    def of(self, tale: str) -> Bookmark | None:
        """Where it was, if it was being told or waited for its turn."""
        return self._kept.get(tale)

    def every(self) -> tuple[str, ...]:
        """The tales that have one."""
        return tuple(self._kept)

    def keep(self, tale: str, bookmark: Bookmark) -> None:
        """It is here now."""
        if self._kept.get(tale) != bookmark:
            self._kept[tale] = bookmark
            self._write()

    def forget(self, tale: str) -> None:
        """It is told no more."""
        if self._kept.pop(tale, None) is not None:
            self._write()

    def close(self) -> None:
        """All is written; nothing more is kept."""
        self._hand.shutdown()

    def _write(self) -> None:
        told = json.dumps({tale: asdict(one) for tale, one in self._kept.items()})
        with contextlib.suppress(RuntimeError):  # closed: the bot goes, and what it told last stands
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
