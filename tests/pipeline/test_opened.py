"""Sealed sounds are heard, and lie unreadable."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from pipeline import opened
from pipeline.artifacts import Artifacts, artifacts_of
from pipeline.errors import Damaged, Missing
from pipeline.places import CHECKOUT
from pipeline.seal import MARK

WORDS = b"the keeper lit the lamp"


@pytest.fixture
def key() -> str:
    return Fernet.generate_key().decode()


def test_what_was_sealed_is_read_by_path_and_lies_unreadable(tmp_path: Path, key: str) -> None:
    keep = artifacts_of(tmp_path / "kept", key=key)
    made = keep(WORDS, ".txt")
    long = tmp_path / "long.wav"
    long.write_bytes(WORDS * 3)
    adopted = keep.adopt(long, ".wav")
    assert not long.exists()
    assert keep.path(made).read_bytes() == WORDS
    assert keep.path(adopted).read_bytes() == WORDS * 3
    assert adopted.size == len(WORDS) * 3
    lying = [path.read_bytes() for path in (tmp_path / "kept").glob("??/*")]
    assert len(lying) == 2
    assert all(data.startswith(MARK.encode()) and WORDS not in data for data in lying)


def test_another_process_with_the_key_reads_it_and_one_without_does_not(tmp_path: Path, key: str) -> None:
    made = artifacts_of(tmp_path, key=key)(WORDS, ".txt")
    assert artifacts_of(tmp_path, key=key).path(made).read_bytes() == WORDS
    with pytest.raises(Damaged, match="seal_broken"):
        artifacts_of(tmp_path, key=Fernet.generate_key().decode()).path(made)


def test_what_was_kept_before_there_was_a_key_is_still_read(tmp_path: Path, key: str) -> None:
    made = Artifacts(tmp_path)(WORDS, ".txt")
    assert artifacts_of(tmp_path, key=key).path(made).read_bytes() == WORDS


def test_erased_is_erased_where_it_was_opened_too(tmp_path: Path, key: str) -> None:
    keep = artifacts_of(tmp_path, key=key)
    made = keep(WORDS, ".txt")
    path = keep.path(made)
    keep.erase([made])
    assert not path.exists()
    with pytest.raises(Missing, match="artifact_gone"):
        keep.path(made)


def test_opened_files_go_with_who_opened_them(tmp_path: Path, key: str) -> None:
    keep = artifacts_of(tmp_path, key=key)
    path = keep.path(keep(WORDS, ".txt"))
    del keep
    assert not path.parent.exists()


@pytest.mark.skipif(not opened.MEMORY.is_dir(), reason="needs a folder in memory")
def test_what_a_killed_process_left_open_goes_with_the_next(tmp_path: Path, key: str) -> None:
    script = "import os, sys; from pathlib import Path; from pipeline.artifacts import artifacts_of as of;"
    script += "keep = of(Path(sys.argv[1]), key=sys.argv[2]); print(keep.path(keep(b'word', '.txt')), flush=True);"
    script += "os.kill(os.getpid(), 9)"
    command = [sys.executable, "-c", script, str(tmp_path), key]
    left = Path(subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False).stdout.strip())
    assert left.read_bytes() == b"word"
    artifacts_of(tmp_path, key=key)
    assert not left.parent.exists()


def test_machines_share_sealed_files(tmp_path: Path, key: str) -> None:
    depot = (tmp_path / "depot").as_uri()
    made = artifacts_of(tmp_path / "one", depot, key)(WORDS, ".txt")
    assert artifacts_of(tmp_path / "two", depot, key).path(made).read_bytes() == WORDS
    assert WORDS not in b"".join(path.read_bytes() for path in (tmp_path / "depot").rglob("*.txt"))


def test_opened_files_stay_few_but_not_those_just_asked_for(
    tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "MOST_BYTES", 2 * len(WORDS))
    keep = artifacts_of(tmp_path, key=key)
    paths = [keep.path(keep(WORDS + bytes([nth]), ".txt")) for nth in range(3)]
    assert all(path.exists() for path in paths)
    os.utime(paths[0], (time.time() - 700, time.time() - 700))
    keep.path(keep(WORDS + b"more", ".txt"))
    assert [path.exists() for path in paths] == [False, True, True]
