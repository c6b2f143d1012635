"""What lies anywhere is found."""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.library.backup import back_up
from bot.library.library import open_library
from bot.privacy import scan
from bot.privacy.privacy import Privacy
from bot.privacy.scan import traces, traces_everywhere, traces_in_depot
from bot.privacy.sweep import DAY_S, sweep
from pipeline import opened
from pipeline.artifacts import Artifacts, artifacts_of
from pipeline.depot import Depot
from tests.bot.library.samples import told

WORD = "the canary sings"


@pytest.fixture
def brief(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folders for a moment, in memory and else, away from other tests'."""
    for name in ("memory", "moment"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(opened, "MEMORY", tmp_path / "memory")
    monkeypatch.setattr(scan, "MEMORY", tmp_path / "memory")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "moment"))
    return tmp_path


async def test_what_is_packed_is_found(tmp_path: Path) -> None:
    async with open_library(tmp_path / "one.db") as library:
        await library.tales.add(told(title=WORD, text=WORD * 50))
        kept = await back_up(library, tmp_path / "sounds", tmp_path / "home" / "backups" / "kept.zip")
    assert WORD.encode() not in kept.file.read_bytes()
    assert [(one.path, one.times > 50) for one in traces(tmp_path / "home", WORD)] == [(kept.file, True)]


def test_a_name_across_two_pieces_of_a_packed_file_is_counted_once(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "it.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rows", b"." * (scan._PIECE_BYTES - 7) + WORD.encode() + b"." * 100)
    assert [one.times for one in traces(tmp_path, WORD)] == [1]


def test_caches_and_folders_for_a_moment_are_looked_into(brief: Path) -> None:
    home, cache = brief / "home", brief / "cache"
    keep = artifacts_of(home / "artifacts", key=Fernet.generate_key().decode())
    opened_copy = keep.path(keep(WORD.encode(), ".txt"))
    delivery = brief / "moment" / "echotales-delivery-x" / "story.txt"
    weights = cache / "weights" / "names.txt"
    for path in (delivery, weights):
        path.parent.mkdir(parents=True)
        path.write_text(f"so {WORD}")
    assert {one.path for one in traces_everywhere(home, cache, WORD)} == {opened_copy, delivery, weights}


def test_words_in_the_depot_are_found(tmp_path: Path) -> None:
    keep = Artifacts(tmp_path / "one", Depot(f"file://{tmp_path}/depot"))
    keep(WORD.encode() * 2, ".json")
    assert [one.times for one in traces_in_depot(keep, WORD)] == [2]


async def test_what_a_killed_bot_had_on_its_way_goes_after_a_day(brief: Path, privacy: Privacy) -> None:
    old, fresh, alive = (brief / "moment" / f"echotales-{name}" for name in ("export-x", "voice-y", "opened-z"))
    for folder in (old, fresh, alive):
        folder.mkdir()
        (folder / "it.zip").write_text(WORD)
    now = fresh.stat().st_mtime
    for folder in (old, alive):
        os.utime(folder, (now - 2 * DAY_S, now - 2 * DAY_S))
    await sweep(privacy, await privacy.library.tales.servers(), now)
    assert [folder.exists() for folder in (old, fresh, alive)] == [False, True, True]
