"""Sounds and pictures by content hash."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
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
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, data)
        except OSError as error:
            code = "disk_full" if error.errno == errno.ENOSPC else "disk_refused"
            raise Unwell(code, folder=str(path.parent), why=str(error)) from error
        return artifact

    def path(self, artifact: Artifact) -> Path:
        """Where it lies on this machine; raises Missing `artifact_gone`."""
        path = self._place(artifact)
        if not path.exists():
            raise Missing("artifact_gone", sha256=artifact.sha256)
        return path

    def _place(self, artifact: Artifact) -> Path:
        return self._folder / artifact.sha256[:2] / (artifact.sha256 + artifact.suffix)


def _write_whole(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".half-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
