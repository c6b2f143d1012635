"""Removes the project from the machine."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.maintenance.verb_service import NAME, folder_of
from pipeline.places import CHECKOUT, Places

YES = "yes"
NOTHING_DONE = 2
OURS_AT_HOME = ("artifacts", "state", "backups", "library.db", "library.db-wal", "library.db-shm")
"""All that the project writes beside the library; anything else there is somebody else's."""


@dataclass(frozen=True)
class OwnPath:
    """A file or folder of the project."""

    what: str
    path: Path
    dear: bool = False
    """It cannot be downloaded again: kept unless asked for."""


def main(argv: Sequence[str]) -> int:
    """Run the verb `uninstall`: list first, then ask; the checkout itself is left to its owner."""
    parser = argparse.ArgumentParser(
        prog="echotales.py uninstall",
        description="List all folders of the project with their sizes, and remove them.",
    )
    parser.add_argument("--tales", action="store_true", help="remove the library, sounds, voices and backups, too")
    parser.add_argument("--yes", action="store_true", help="ask nothing")
    args = parser.parse_args(argv)
    unit = folder_of(os.geteuid() if hasattr(os, "geteuid") else 1, Path.home()) / NAME
    things = things_of(Places.here(), CHECKOUT / ".venv", unit)
    return uninstall(things, tales=args.tales, ask=(lambda _: YES) if args.yes else input)


def things_of(places: Places, environment: Path, unit: Path) -> list[OwnPath]:
    """Return what is there and may be removed."""
    kept = [OwnPath("tales", places.home / name, dear=True) for name in OURS_AT_HOME]
    found = [OwnPath("service", unit), OwnPath("weights", places.weights), *kept, OwnPath("environment", environment)]
    return [one for one in found if one.path.exists()]


def uninstall(things: Sequence[OwnPath], *, tales: bool, ask: Callable[[str], str]) -> int:
    """List and remove; returns 0 where it was removed, 2 where nobody said yes."""
    for one in things:
        stays = "  (stays; --tales takes it too)" if one.dear and not tales else ""
        print(f"{size_of(one.path) / 1e6:10.1f} MB  {one.what:<12} {one.path}{stays}")
    going = [one for one in things if tales or not one.dear]
    if not going or ask(f"Take away {len(going)} of these? Write {YES}: ").strip().lower() != YES:
        print("Nothing was taken away.")
        return NOTHING_DONE
    for one in going:
        # A link to a folder goes as a link: what it points to is somebody's own choice of place.
        shutil.rmtree(one.path) if one.path.is_dir() and not one.path.is_symlink() else one.path.unlink()
    print(f"Gone. The checkout itself is yours to delete: {CHECKOUT}")
    return 0


def size_of(path: Path) -> int:
    """Return the bytes of all that lies below; links are not followed."""
    if path.is_dir() and not path.is_symlink():
        return sum(size_of(one) for one in path.iterdir())
    return path.lstat().st_size
