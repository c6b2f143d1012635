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


def main(argv: list[str]) -> int:
    """`python -m tests.audit [LAYER ...]`: 1 where a hole is known, 0 where none is or nobody could be asked."""
    found = [hole for layer in argv or ["base"] for hole in holes(LOCKS / f"{layer}.txt")]
    for hole in found:
        print(hole)
    return int(bool(found))


def holes(lock: Path) -> list[str]:
    """One line each; nothing where the registry or the list of holes cannot be reached, which is said."""
    command = [sys.executable, *TOOL, *OPTIONS, "--requirement", str(lock)]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=WITHIN_S)
    except (subprocess.TimeoutExpired, OSError) as error:
        print(f"{lock.name}: not audited ({type(error).__name__})")
        return []
    try:
        report = json.loads(told.stdout)
    except ValueError:
        why = (told.stderr.strip().splitlines() or ["?"])[-1]
        print(f"{lock.name}: not audited, nobody could be asked: {why[:200]}")
        return []
    print(f"{lock.name}: {len(report['dependencies'])} packages audited")
    return lines(report)


def lines(report: Any) -> list[str]:
    """What an auditor must read."""
    return [
        f"{one['name']} {one['version']}: {hole['id']}, mended in {_mended(hole)}"
        for one in report["dependencies"]
        for hole in one.get("vulns") or ()
    ]


def _mended(hole: Any) -> str:
    return ", ".join(hole.get("fix_versions") or ["no version"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
