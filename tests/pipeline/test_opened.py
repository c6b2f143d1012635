"""Sealed sounds are heard, and lie unreadable."""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from cryptography.fernet import Fernet

from pipeline import opened
from pipeline.artifacts import Artifacts, artifacts_of
from pipeline.audio.decode import Stems
from pipeline.audio.encode import stem_bytes
from pipeline.errors import Damaged, Missing, Unwell
from pipeline.places import CHECKOUT, MEMORY
from pipeline.seal import MARK
from pipeline.words.sound import RATE_HZ

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


@pytest.mark.skipif(not MEMORY.is_dir(), reason="needs a folder in memory")
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


def test_opened_files_never_pass_their_ceiling(tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "MOST_BYTES", 1_000_000)
    keep = artifacts_of(tmp_path, key=key)
    made = [keep(bytes([nth]) * 100_000, ".bin") for nth in range(30)]
    for one in made:
        folder = keep.path(one).parent
        assert keep.path(made[0]).exists(), "what is used stays"
        assert sum(path.stat().st_size for path in folder.iterdir()) <= 1_000_000
    assert not (folder / f"{made[1].sha256}.bin").exists(), "the one used longest ago goes"
    assert keep.path(made[1]).read_bytes() == bytes([1]) * 100_000


def test_in_a_small_folder_bot_and_executor_both_find_room(
    tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = 1_000_000  # as the 64 MB of a container, smaller
    memory = tmp_path / "memory"
    memory.mkdir()
    monkeypatch.setattr(opened, "MEMORY", memory)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=whole, used=0, free=whole))
    both = [artifacts_of(tmp_path / "kept", key=key) for _ in range(2)]
    for nth in range(20):
        made = both[0](bytes([nth]) * 100_000, ".bin")
        assert all(keep.path(made).read_bytes() == bytes([nth]) * 100_000 for keep in both)
        assert sum(path.stat().st_size for path in memory.glob("*/*")) <= 0.8 * whole


def test_a_tale_longer_than_the_ceiling_is_summed_whole(
    tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "MOST_BYTES", 500_000)
    keep = artifacts_of(tmp_path, key=key)
    stems = Stems(keep.path)
    made = [keep(stem_bytes(np.full(RATE_HZ, nth / 10, np.float32)), ".wav") for nth in range(8)]
    for _ in range(2):
        for nth, one in enumerate(made):
            assert stems.read(one, 100, 10) == pytest.approx(nth / 10)


def test_a_full_folder_is_said_as_what_it_is(tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    keep = artifacts_of(tmp_path, key=key)
    made = keep(WORDS, ".txt")

    def full(path: Path, data: bytes, *, private: bool) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(opened, "write_whole", full)
    with pytest.raises(Unwell, match="disk_full"):
        keep.path(made)
    assert keep.read(made) == WORDS, "what is short needs no room there"


def test_where_no_folder_lies_in_memory_the_killed_leave_nothing_either(
    tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "import os, sys, tempfile; from pathlib import Path; import pipeline.opened as opened;"
    script += "opened.MEMORY = Path('/nowhere'); tempfile.tempdir = sys.argv[1];"
    script += (
        "from pipeline.artifacts import artifacts_of as of; keep = of(Path(sys.argv[1]) / 'kept', key=sys.argv[2]);"
    )
    script += "print(keep.path(keep(b'word', '.txt')), flush=True); os.kill(os.getpid(), 9)"
    command = [sys.executable, "-c", script, str(tmp_path), key]
    left = Path(subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False).stdout.strip())
    assert left.read_bytes() == b"word"
    monkeypatch.setattr(opened, "MEMORY", Path("/nowhere"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    alive = artifacts_of(tmp_path / "kept", key=key)
    assert not left.parent.exists()
    path = alive.path(alive(WORDS, ".txt"))
    artifacts_of(tmp_path / "kept", key=key)
    assert path.exists(), "and what somebody alive has open stays"
