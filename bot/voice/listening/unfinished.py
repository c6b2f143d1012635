"""Recordings and errands that no tale has yet."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from pipeline.whole_file import write_whole
from pipeline.words.sound import Artifact


@dataclass(frozen=True)
class Left:
    """What an earlier bot did not put away."""

    recordings: list[Artifact] = field(default_factory=list)
    errands: list[str] = field(default_factory=list)


class Unfinished:
    """Their names on the disk, so that a bot that was killed while it listened leaves nothing of a voice behind."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = Lock()
        self._recordings: dict[str, Artifact] = {}
        self._errands: set[str] = set()

    def note(self, recording: Artifact) -> None:
        """It was kept just now."""
        with self._lock:
            self._recordings[recording.sha256] = recording
            self._write()

    def forget(self, recordings: Iterable[Artifact]) -> None:
        """They are gone, or a tale has them."""
        with self._lock:
            gone = [self._recordings.pop(one.sha256, None) for one in recordings]
            if any(gone):
                self._write()

    def began(self, errand: str) -> None:
        """Its rows and its answer tell of a voice."""
        with self._lock:
            self._errands.add(errand)
            self._write()

    def ended(self, errand: str) -> None:
        """Forget a job whose rows and files are gone."""
        with self._lock:
            self._errands.discard(errand)
            self._write()

    def left(self) -> Left:
        """What an earlier bot noted; it stays noted until `put_away`, for we may be killed as that one was."""
        try:
            told = json.loads(self._file.read_bytes())
            found = Left([Artifact(**one) for one in told["recordings"]], [str(one) for one in told["errands"]])
        except (OSError, ValueError, TypeError, KeyError):
            found = Left()
        return found

    def put_away(self) -> None:
        """Nothing of what an earlier bot noted is there any more."""
        with self._lock:
            self._write()

    def _write(self) -> None:
        if not self._recordings and not self._errands:
            self._file.unlink(missing_ok=True)
            return
        told = {"recordings": [vars(one) for one in self._recordings.values()], "errands": sorted(self._errands)}
        write_whole(self._file, json.dumps(told))
