"""The bot as a system's service."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.places import CHECKOUT, DATA

NAME = "echotales.service"
TEMPLATE = DATA / "deploy" / NAME
ELSEWHERE = 2
Run = Callable[[list[str]], int]


def main(argv: Sequence[str]) -> int:
    """Run the verb `service`: install or remove, for this user or, as root, for the machine."""
    parser = argparse.ArgumentParser(prog="echotales.py service", description="Run the bot at every start (systemd).")
    parser.add_argument("what", choices=("install", "remove"))
    parser.add_argument("--write-only", action="store_true", help="write or delete the file and start nothing")
    args = parser.parse_args(argv)
    if not sys.platform.startswith("linux"):
        print("Services are installed on Linux with systemd only; elsewhere start: python3 echotales.py bot")
        return ELSEWHERE
    run: Run = (lambda _command: 0) if args.write_only else _ran
    folder = folder_of(os.geteuid(), Path.home(), os.environ.get("XDG_CONFIG_HOME", ""))
    return install(folder, run) if args.what == "install" else remove(folder, run)


def folder_of(user: int, home: Path, config: str = "") -> Path:
    """Return where systemd looks for units of this user; for user 0, of the machine."""
    return (Path(config) if config else home / ".config") / "systemd" / "user" if user else Path("/etc/systemd/system")


def install(folder: Path, run: Run) -> int:
    """Write the unit, then enable and start it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text(unit(folder), encoding="utf-8")
    print(f"{folder / NAME} is written.")
    return run([*_systemctl(folder), "daemon-reload"]) or run([*_systemctl(folder), "enable", "--now", NAME])


def remove(folder: Path, run: Run) -> int:
    """Stop, disable and delete the unit; tales under way go on when the bot is started again."""
    if not (folder / NAME).exists():
        print("The service is not installed.")
        return 0
    run([*_systemctl(folder), "disable", "--now", NAME])
    (folder / NAME).unlink()
    print(f"{folder / NAME} is removed.")
    return run([*_systemctl(folder), "daemon-reload"])


def unit(folder: Path) -> str:
    """Return the unit's text, for this checkout and this Python."""
    told = TEMPLATE.read_text(encoding="utf-8")
    # Not str.format: systemd's own text may hold braces.
    values = {"checkout": CHECKOUT, "python": sys.executable, "wanted_by": _wanted_by(folder)}
    for name, value in values.items():
        told = told.replace("{" + name + "}", str(value))
    return told


def _wanted_by(folder: Path) -> str:
    return "default.target" if folder.name == "user" else "multi-user.target"


def _systemctl(folder: Path) -> list[str]:
    return ["systemctl", "--user"] if folder.name == "user" else ["systemctl"]


def _ran(command: list[str]) -> int:
    try:
        return subprocess.run(command, check=False).returncode
    except FileNotFoundError:
        print("There is no systemctl on this machine; the file alone was changed.")
        return ELSEWHERE
