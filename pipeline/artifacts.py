"""Sounds and pictures by content hash."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import Missing, Unwell
from pipeline.words.sound import Artifact


class Artifacts:
    """A folder of immutable files; the same bytes are kept once, and a file is whole or absent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

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
            beside = place.with_name(f".half-{os.getpid()}-{place.name}")
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
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".half-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
