"""Known holes in what the locks install."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.locks import LOCKS

WITHIN_S = 120.0
TOOL = ("-m", "uv", "tool", "run", "--quiet", "pip-audit")
OPTIONS = ("--format", "json", "--no-deps", "--disable-pip", "--progress-spinner", "off")
LISTS = {"the registry's list": (), "the open list": ("--vulnerability-service", "osv")}
"""Of known holes, and how the auditor is told to ask them; the second where the first knows nothing of our packages."""


def main(argv: list[str]) -> int:
    """`python -m tests.audit [LAYER ...]`: 1 where a hole is known, 0 where none is or nobody could be asked."""
    found = [hole for layer in argv or ["base"] for hole in holes(LOCKS / f"{layer}.txt")]
    for hole in found:
        print(hole)
    return int(bool(found))


def holes(lock: Path) -> list[str]:
    """One line each; nothing where no list can be asked, which is said: silence is no clean bill."""
    for name, options in LISTS.items():
        report, why = _asked([*options, "--requirement", str(lock)])
        known = [one for one in report if "skip_reason" not in one]
        if known:
            print(f"{lock.name}: {len(known)} of {len(report)} packages audited by {name}")
            return lines(report)
        print(f"{lock.name}: {name} could not be asked: {why[:300]}")
    print(f"{lock.name}: not audited")
    return []


def _asked(options: list[str]) -> tuple[list[Any], str]:
    """What the auditor says of each package; else why it says nothing: it could not be fetched, or could not ask."""
    command = [sys.executable, *TOOL, *OPTIONS, *options]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=WITHIN_S)
    except (subprocess.TimeoutExpired, OSError) as error:
        return [], type(error).__name__
    try:
        report: list[Any] = json.loads(told.stdout)["dependencies"]
    except ValueError:
        return [], (told.stderr.strip().splitlines() or ["?"])[-1]
    # A mirror that has the packages and not the list makes the auditor skip them all, and call that clean.
    return report, next((one["skip_reason"] for one in report if "skip_reason" in one), "it knows no package of ours")


def lines(report: list[Any]) -> list[str]:
    """What an auditor must read."""
    return [
        f"{one['name']} {one['version']}: {hole['id']}, mended in {_mended(hole)}"
        for one in report
        for hole in one.get("vulns") or ()
    ]


def _mended(hole: Any) -> str:
    return ", ".join(hole.get("fix_versions") or ["no version"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
