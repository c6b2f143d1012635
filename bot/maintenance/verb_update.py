"""Updates the checkout, or goes back."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.library.backup import FOLDER, SUFFIX
from bot.maintenance.only_bot import at_work
from pipeline.places import CHECKOUT, Places
from pipeline.settings import read_settings

CHECKS = (("doctor",), ("backup", "--no-sounds"))
"""Verbs of the new code that must succeed; opening the library for a backup migrates its tables."""
REFUSED, BACK_AGAIN = 2, 1  # exit codes


def main(argv: Sequence[str]) -> int:
    """Run the verb `update`: back up, fetch, migrate, check; go back if the check fails."""
    parser = argparse.ArgumentParser(
        prog="echotales.py update",
        description="Fetch the newest code, check it, or go back. Stop the bot first.",
    )
    parser.parse_args(argv)
    places = Places.here()
    if at_work(places.state):
        print("The bot is at work on this library; stop it first.")
        return REFUSED
    database = None if read_settings().database_url else places.home / "library.db"
    backup = places.home / FOLDER / time.strftime(f"echotales-before-%Y%m%d-%H%M%S{SUFFIX}")
    # The copy of the library's file must not outlive this: an erase knows of backups, and of no other copies.
    with tempfile.TemporaryDirectory(prefix="echotales-update-") as folder:
        return Update(CHECKOUT, database, backup, Path(folder)).run()


@dataclass(frozen=True)
class Update:
    """One try of an update."""

    checkout: Path
    database: Path | None
    """The library's file; None with Postgres, which goes back with `restore`."""
    backup: Path
    """Kept afterwards."""
    aside: Path
    """Folder that holds the library as it was, while this runs."""

    def run(self) -> int:
        """Update; returns 0 with the new code, 1 with the old code again, 2 where nothing was tried."""
        if self._git("status", "--porcelain", "--untracked-files=no"):
            print("Files of this checkout were changed by hand; keep or undo that first: git status")
            return REFUSED
        before = self._git("rev-parse", "HEAD")
        if not self._backed_up():
            print("No backup could be made, so nothing was updated.")
            return REFUSED
        if not self._fetched():
            print("The newest code could not be fetched, so nothing was updated; is the network there?")
            return REFUSED
        after = self._git("rev-parse", "HEAD")
        if after == before:
            print("This is the newest already.")
            return 0
        if all(self._verb(*check, *self._target(check)) for check in CHECKS):
            print(f"Updated from {before[:9]} to {after[:9]}; the state before is kept in {self.backup}")
            return 0
        self._back_to(before)
        print(f"The new code failed its check; {before[:9]} is back, with the library as it was.")
        return BACK_AGAIN

    def _backed_up(self) -> bool:
        """Make a backup that any version reads, and copy the file itself for the way back."""
        self.backup.parent.mkdir(parents=True, exist_ok=True)
        if not self._verb("backup", str(self.backup)):
            return False
        for file in self._files():
            shutil.copy2(file, self.aside / file.name)
        return True

    def _fetched(self) -> bool:
        return self._ran("git", "-C", str(self.checkout), "pull", "--ff-only", "--quiet")

    def _back_to(self, commit: str) -> None:
        self._git("reset", "--hard", "--quiet", commit)
        if self.database is None:
            print(f"The database is Postgres: if it misses anything, restore {self.backup}")
            return
        # The log goes with its file: a newer log beside an older file would damage it.
        for file in self._files():
            file.unlink()
        for file in self.aside.glob(f"{self.database.name}*"):
            shutil.copy2(file, self.database.parent / file.name)

    def _files(self) -> list[Path]:
        """Return the library's file with its write-ahead log."""
        return sorted(self.database.parent.glob(f"{self.database.name}*")) if self.database else []

    def _target(self, check: tuple[str, ...]) -> list[str]:
        return [str(self.aside / "after.zip")] if check[0] == "backup" else []

    def _verb(self, *words: str) -> bool:
        return self._ran(sys.executable, str(self.checkout / "echotales.py"), *words)

    def _ran(self, *command: str) -> bool:
        return subprocess.run(command, cwd=self.checkout, check=False).returncode == 0

    def _git(self, *words: str) -> str:
        told = subprocess.run(["git", "-C", str(self.checkout), *words], capture_output=True, text=True, check=True)
        return told.stdout.strip()
