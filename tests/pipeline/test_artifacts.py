"""Sounds and pictures are whole or absent."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from pathlib import Path

import pytest

from pipeline.artifacts import Artifacts
from pipeline.depot import Depot
from pipeline.errors import Missing, Unwell
from pipeline.words.sound import Artifact


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
    keep.love([made[0]])
    assert keep.trim(200) == 2
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


def test_a_tales_own_words_and_learnt_voices_never_go(tmp_path: Path) -> None:
    keep = Artifacts(tmp_path)
    made = [keep(b"x" * 100, suffix) for suffix in (".json", ".npz", ".wav")]
    for artifact in made:
        os.utime(keep.path(artifact), (1_000, 1_000))
    assert keep.trim(0) == 1
    assert keep.path(made[0]).exists()


def test_where_all_lies_in_a_depot_words_may_go_from_this_machine(tmp_path: Path) -> None:
    keep = Artifacts(tmp_path / "one", Depot(f"file://{tmp_path}/depot"))
    made = keep(b"x" * 100, ".json")
    os.utime(keep.path(made), (1_000, 1_000))
    assert keep.trim(0) == 1
    assert keep.trim_depot(0) == 0
    assert keep.path(made).read_bytes() == b"x" * 100


def test_what_is_erased_is_gone_from_every_machine(tmp_path: Path) -> None:
    one, other = (Artifacts(tmp_path / name, Depot(f"file://{tmp_path}/depot")) for name in ("one", "other"))
    made = one(b"rain", ".wav")
    one.erase([made])
    one.erase([made])
    with pytest.raises(Missing, match="artifact_gone"):
        other.path(made)


def test_what_one_machine_keeps_another_finds_whole(tmp_path: Path) -> None:
    one, other = (Artifacts(tmp_path / name, Depot(f"file://{tmp_path}/depot")) for name in ("one", "other"))
    master = tmp_path / "master.flac"
    master.write_bytes(b"sound" * 1000)
    for made, data in ((one(b"rain", ".wav"), b"rain"), (one.adopt(master, ".flac"), b"sound" * 1000)):
        assert other.path(made).read_bytes() == data
    left = [path.name for path in (tmp_path / "depot").rglob("*") if path.is_file()]
    assert len(left) == 2, "nothing half-made stays"


def test_a_file_that_was_damaged_in_the_depot_is_not_taken(tmp_path: Path) -> None:
    one, other = (Artifacts(tmp_path / name, Depot(f"file://{tmp_path}/depot")) for name in ("one", "other"))
    made = one(b"rain", ".wav")
    next((tmp_path / "depot").rglob("*.wav")).write_bytes(b"snow")
    with pytest.raises(Missing, match="artifact_gone"):
        other.path(made)
    assert [path for path in (tmp_path / "other").rglob("*") if path.is_file()] == []


def test_no_trim_takes_what_is_about_to_be_played(tmp_path: Path) -> None:
    keep = Artifacts(tmp_path)
    made = [keep(bytes([number]) * 100, ".wav") for number in range(3)]
    for age, artifact in enumerate(made):
        os.utime(keep.path(artifact), (1_000 + age, 1_000 + age))
    keep.use([made[0], Artifact("0" * 64, ".wav", 1)])
    assert keep.trim(0) == 2
    assert keep.read(made[0]) == bytes(100)


def test_the_depot_has_a_ceiling_of_its_own_and_the_loved_go_last(tmp_path: Path) -> None:
    keep = Artifacts(tmp_path / "one", Depot(f"file://{tmp_path}/depot"))
    made = [keep(bytes([number]) * 100, ".wav") for number in range(4)]
    keep.love([made[0]])
    for age, artifact in enumerate(made):
        lying = next((tmp_path / "depot").rglob(artifact.sha256 + ".wav"))
        os.utime(lying, (1_000 + age, 1_000 + age))
    assert keep.trim_depot(200) == 2
    left = {path.stem for path in (tmp_path / "depot").rglob("*.wav")}
    assert left == {made[0].sha256, made[3].sha256}


def test_a_store_that_is_away_for_a_while_only_delays(tmp_path: Path) -> None:
    away = tmp_path / "depot"
    away.write_text("a file where the folder should be")
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            away.unlink()

    keep = Artifacts(tmp_path / "one", Depot(f"file://{away}", sleep))
    made = keep(b"rain", ".wav")
    assert slept == [1.0, 2.0, 4.0]
    assert Artifacts(tmp_path / "other", Depot(f"file://{away}")).path(made).read_bytes() == b"rain"


def test_a_store_that_stays_away_is_said_without_its_password(tmp_path: Path) -> None:
    away = tmp_path / "depot"
    away.write_text("a file where the folder should be")
    with pytest.raises(Unwell) as told:
        Artifacts(tmp_path / "one", Depot(f"file://{away}", lambda _: None))(b"rain", ".wav")
    assert told.value.code == "artifacts_unreachable"
    with pytest.raises(Unwell) as told:
        Depot("nothing-known://somebody:secret@store/folder", lambda _: None).files()
    assert told.value.fields["url"] == "nothing-known://store/folder"
