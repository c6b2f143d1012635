"""Sounds and pictures by content hash."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import Missing, Unwell
from pipeline.words.sound import Artifact

LEAST_FREE_BYTES = 1_000_000_000
"""With less room than this no new tale is begun."""
_DISK_SHARE = 0.1
_HALF_MADE = ".half-"
_UNTOUCHED_S = 3600.0
"""What is younger may belong to a tale that is being told."""


class Artifacts:
    """A folder of immutable files; the same bytes are kept once, and a file is whole or absent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def refuse_without_room(self, free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free) -> None:
        """Raises Unwell `disk_nearly_full` before a tale is begun that could not be kept."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if free(self._folder) < LEAST_FREE_BYTES:
            raise Unwell("disk_nearly_full", folder=str(self._folder))

    def trim(self, most_bytes: int, loved: Container[str] = ()) -> int:
        """Let the oldest go until the rest fits, those whose hash is loved last; says how many went.

        What goes is sound: a tale's words, seed and choices live elsewhere, and tell it again.
        """
        files = [(path, path.stat()) for path in self._folder.rglob("*") if path.is_file()]
        files.sort(key=lambda one: (one[0].stem in loved, one[1].st_mtime))
        over = sum(stat.st_size for _, stat in files) - most_bytes
        gone = 0
        for path, stat in files:
            if over <= 0:
                break
            if time.time() - stat.st_mtime > _UNTOUCHED_S:
                path.unlink(missing_ok=True)
                over -= stat.st_size
                gone += 1
        return gone

    def ceiling_bytes(self, wished_gb: float) -> int:
        """The operator's, but never more than a tenth of the disk."""
        return int(min(wished_gb * 1e9, shutil.disk_usage(self._folder).total * _DISK_SHARE))

    def __call__(self, data: bytes, suffix: str) -> Artifact:
        """Keep these bytes; raises Unwell `disk_full` or `disk_refused`, leaving nothing half-written."""
        artifact = Artifact(hashlib.sha256(data).hexdigest(), suffix, len(data))
        path = self._place(artifact)
        if path.exists():
            return artifact
        with _told(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, data)
        return artifact

    def adopt(self, path: Path, suffix: str) -> Artifact:
        """Keep a finished file too large to carry in memory, taking it from where it lies; raises as above."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        artifact = Artifact(digest, suffix, path.stat().st_size)
        place = self._place(artifact)
        with _told(place.parent):
            place.parent.mkdir(parents=True, exist_ok=True)
            beside = place.with_name(f"{_HALF_MADE}{os.getpid()}-{place.name}")
            try:
                shutil.move(path, beside)
                beside.replace(place)
            finally:
                beside.unlink(missing_ok=True)
        return artifact

    def path(self, artifact: Artifact) -> Path:
        """Where it lies on this machine; raises Missing `artifact_gone`."""
        path = self._place(artifact)
        if not path.exists():
            raise Missing("artifact_gone", sha256=artifact.sha256)
        return path

    def _place(self, artifact: Artifact) -> Path:
        return self._folder / artifact.sha256[:2] / (artifact.sha256 + artifact.suffix)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        code = "disk_full" if error.errno == errno.ENOSPC else "disk_refused"
        raise Unwell(code, folder=str(folder), why=str(error)) from error


def _write_whole(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=_HALF_MADE)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
