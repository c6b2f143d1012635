"""Everything of ours, taken off the machine."""

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
"""All that is ever written beside the library; what else lies there is somebody else's."""


@dataclass(frozen=True)
class OwnPath:
    """A file or folder of ours."""

    what: str
    path: Path
    dear: bool = False
    """It cannot be fetched again: kept unless told."""


def main(argv: Sequence[str]) -> int:
    """The verb `uninstall`: lists first; the checkout itself is left to its owner."""
    parser = argparse.ArgumentParser(
        prog="echotales.py uninstall",
        description="List all folders of ours with their sizes, and take them away.",
    )
    parser.add_argument("--tales", action="store_true", help="the library, sounds, voices and backups, too")
    parser.add_argument("--yes", action="store_true", help="ask nothing")
    args = parser.parse_args(argv)
    unit = folder_of(os.geteuid() if hasattr(os, "geteuid") else 1, Path.home()) / NAME
    things = things_of(Places.here(), CHECKOUT / ".venv", unit)
    return uninstall(things, tales=args.tales, ask=(lambda _: YES) if args.yes else input)


def things_of(places: Places, environment: Path, unit: Path) -> list[OwnPath]:
    """What is there, and may go."""
    kept = [OwnPath("tales", places.home / name, dear=True) for name in OURS_AT_HOME]
    found = [OwnPath("service", unit), OwnPath("weights", places.weights), *kept, OwnPath("environment", environment)]
    return [one for one in found if one.path.exists()]


def uninstall(things: Sequence[OwnPath], *, tales: bool, ask: Callable[[str], str]) -> int:
    """0 where it went, 2 where nobody said yes."""
    for one in things:
        stays = "  (stays; --tales takes it too)" if one.dear and not tales else ""
        print(f"{size_of(one.path) / 1e6:10.1f} MB  {one.what:<12} {one.path}{stays}")
    going = [one for one in things if tales or not one.dear]
    if not going or ask(f"Take away {len(going)} of these? Write {YES}: ").strip().lower() != YES:
        print("Nothing was taken away.")
        return NOTHING_DONE
    for one in going:
        shutil.rmtree(one.path) if one.path.is_dir() and not one.path.is_symlink() else one.path.unlink()
    print(f"Gone. The checkout itself is yours to delete: {CHECKOUT}")
    return 0


def size_of(path: Path) -> int:
    """Bytes, of all that lies below; links are not followed."""
    if path.is_dir() and not path.is_symlink():
        return sum(size_of(one) for one in path.iterdir())
    return path.lstat().st_size
