"""Recordings that no tale has yet."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from threading import Lock

from pipeline.artifacts import Artifacts
from pipeline.words.sound import Artifact


class Unfinished:
    """Their names on the disk, so that a bot that was killed while it listened leaves nobody's voice behind."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = Lock()
        self._named: dict[str, Artifact] = {}

    def note(self, recording: Artifact) -> None:
        """It was kept just now."""
        with self._lock:
            self._named[recording.sha256] = recording
            self._write()

    def forget(self, recordings: Iterable[Artifact]) -> None:
        """They are gone, or a tale has them."""
        with self._lock:
            gone = [self._named.pop(one.sha256, None) for one in recordings]
            if any(gone):
                self._write()

    def erase_left(self, artifacts: Artifacts) -> int:
        """What an earlier bot left goes; says how many."""
        try:
            left = [Artifact(**one) for one in json.loads(self._file.read_bytes())]
        except (OSError, ValueError, TypeError):
            return 0
        artifacts.erase(left)
        self._file.unlink(missing_ok=True)
        return len(left)

    def _write(self) -> None:
        if not self._named:
            self._file.unlink(missing_ok=True)
            return
        beside = self._file.with_name(f".{self._file.name}")
        beside.write_text(json.dumps([vars(one) for one in self._named.values()]), "utf-8")
        beside.replace(self._file)
