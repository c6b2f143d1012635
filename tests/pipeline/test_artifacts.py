"""Sounds and pictures are whole or absent."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

import pytest

from pipeline.artifacts import Artifacts
from pipeline.errors import Missing, Unwell


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    keep = Artifacts(tmp_path)
    first, second = keep(b"rain", ".wav"), keep(b"rain", ".wav")
    assert first == second
    assert first.sha256 == hashlib.sha256(b"rain").hexdigest()
    assert [path.read_bytes() for path in tmp_path.rglob("*.wav")] == [b"rain"]


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(Unwell) as told:
        Artifacts(tmp_path)(b"sea", ".wav")
    assert told.value.code == "disk_full"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_is_gone_is_said(tmp_path: Path) -> None:
    keep = Artifacts(tmp_path)
    artifact = keep(b"wind", ".wav")
    keep.path(artifact).unlink()
    with pytest.raises(Missing) as told:
        keep.path(artifact)
    assert told.value.code == "artifact_gone"


def test_a_large_file_is_taken_in_without_being_read_into_memory(tmp_path: Path) -> None:
    keep, made = Artifacts(tmp_path / "kept"), tmp_path / "master.flac"
    made.write_bytes(b"sound")
    artifact = keep.adopt(made, ".flac")
    assert artifact == keep(b"sound", ".flac")
    assert keep.path(artifact).read_bytes() == b"sound"
    assert not made.exists()
