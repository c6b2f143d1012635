"""Sounds and pictures are whole or absent."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
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


def test_over_the_ceiling_the_oldest_unloved_goes_first(tmp_path: Path) -> None:
    keep = Artifacts(tmp_path)
    made = [keep(bytes([number]) * 100, ".wav") for number in range(4)]
    for age, artifact in enumerate(made):
        os.utime(keep.path(artifact), (1_000 + age, 1_000 + age))
    assert keep.trim(200, loved={made[0].sha256}) == 2
    left = {path.stem for path in tmp_path.rglob("*.wav")}
    assert left == {made[0].sha256, made[3].sha256}


def test_without_a_gigabyte_of_room_no_tale_is_begun(tmp_path: Path) -> None:
    keep = Artifacts(tmp_path)
    keep.refuse_without_room(lambda _: 2_000_000_000)
    with pytest.raises(Unwell) as told:
        keep.refuse_without_room(lambda _: 999_999_999)
    assert told.value.code == "disk_nearly_full"


def test_the_ceiling_is_never_more_than_a_tenth_of_the_disk(tmp_path: Path) -> None:
    keep = Artifacts(tmp_path)
    assert keep.ceiling_bytes(1e9) == int(shutil.disk_usage(tmp_path).total * 0.1)
    assert keep.ceiling_bytes(0.001) == 1_000_000
