"""Installed, brought up to date, taken away."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from bot.maintenance.verb_service import NAME, folder_of, install, remove, unit
from bot.maintenance.verb_uninstall import things_of, uninstall
from bot.maintenance.verb_update import Update
from pipeline.places import CHECKOUT, Places

DOOR = """import pathlib, sys
here = pathlib.Path(__file__).parent
if sys.argv[1] == "backup" and {migrates}:
    (here.parent / "home" / "library.db").write_text("new tables")
sys.exit({code} if sys.argv[1] == "doctor" else 0)
"""


def test_a_service_is_written_started_and_taken_away(tmp_path: Path) -> None:
    ran: list[list[str]] = []

    def run(command: list[str]) -> int:
        ran.append(command)
        return 0

    folder = folder_of(1_000, tmp_path)
    assert install(folder, run) == 0
    assert f"{CHECKOUT}/echotales.py bot" in (folder / NAME).read_text()
    assert "{" not in unit(folder)
    assert ran[-1] == ["systemctl", "--user", "enable", "--now", NAME]
    assert remove(folder, run) == 0
    assert not (folder / NAME).exists()
    assert folder_of(0, tmp_path) == Path("/etc/systemd/system")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path) -> None:
    file = tmp_path / NAME
    file.write_text(unit(tmp_path))
    told = subprocess.run(["systemd-analyze", "verify", str(file)], capture_output=True, text=True, check=False)
    assert not [line for line in told.stderr.splitlines() if NAME in line], told.stderr


@pytest.mark.parametrize(("code", "stands", "kept"), [(0, "second", "new tables"), (1, "first", "old tables")])
def test_new_code_stands_or_the_old_is_back_with_its_library(tmp_path: Path, code: int, stands: str, kept: str) -> None:
    checkout, database = _checkout(tmp_path, code)
    assert Update(checkout, database, tmp_path / "backups" / "b.zip", _aside(tmp_path)).run() == code
    assert _git(checkout, "log", "-1", "--format=%s") == stands
    assert database.read_text() == kept


def test_changes_by_hand_are_never_lost(tmp_path: Path) -> None:
    checkout, database = _checkout(tmp_path, 0)
    (checkout / "echotales.py").write_text("mine")
    assert Update(checkout, database, tmp_path / "backups" / "b.zip", _aside(tmp_path)).run() == 2
    assert (checkout / "echotales.py").read_text() == "mine"


def test_tales_stay_unless_told(tmp_path: Path) -> None:
    places, venv = Places(tmp_path / "cache", tmp_path / "home"), tmp_path / ".venv"
    for folder in (places.weights, places.artifacts, venv):
        folder.mkdir(parents=True)
    strange = tmp_path / "home" / "holiday.jpg"
    strange.touch()
    (tmp_path / "home" / "library.db").write_bytes(bytes(5_000))
    things = things_of(places, venv, tmp_path / NAME)
    assert uninstall(things, tales=False, ask=lambda _: "no") == 2
    assert places.weights.exists()
    assert uninstall(things, tales=False, ask=lambda _: "yes") == 0
    assert not places.weights.exists()
    assert (tmp_path / "home" / "library.db").exists()
    assert uninstall(things_of(places, venv, tmp_path / NAME), tales=True, ask=lambda _: "yes") == 0
    assert [one.name for one in (tmp_path / "home").iterdir()] == [strange.name]


def _checkout(folder: Path, code: int) -> tuple[Path, Path]:
    """A clone whose origin is one commit ahead: it migrates the library, and its doctor says `code`."""
    origin, clone, home = folder / "origin", folder / "clone", folder / "home"
    home.mkdir()
    (home / "library.db").write_text("old tables")
    origin.mkdir()
    _git(origin, "init", "--quiet", "--initial-branch=main")
    _commit(origin, "first", DOOR.format(migrates=False, code=0))
    _git(folder, "clone", "--quiet", str(origin), str(clone))
    _commit(origin, "second", DOOR.format(migrates=True, code=code).replace("backup", "doctor", 1))
    return clone, home / "library.db"


def _aside(folder: Path) -> Path:
    (folder / "aside").mkdir()
    return folder / "aside"


def _commit(folder: Path, subject: str, door: str) -> None:
    (folder / "echotales.py").write_text(door)
    _git(folder, "add", "echotales.py")
    _git(folder, "-c", "user.name=Keeper", "-c", "user.email=keeper@example.invalid", "commit", "-qm", subject)


def _git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=True).stdout.strip()
