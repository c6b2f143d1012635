"""Every check, one after another."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time

from pipeline.places import CHECKOUT

CHECKS: dict[str, tuple[str, ...]] = {
    "ruff": ("-m", "ruff", "check", "."),
    "mypy": ("-m", "mypy"),
    "import-linter": ("-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"),
}
"""What this Python is to run; the tests themselves come last, so that pytest has the last word."""
WAITING = ("tests/bot", "tests/double")
"""What mostly waits for voices, clocks and other processes: it runs beside what mostly computes."""
USAGE = """usage: python3 echotales.py test [--all] [PYTEST OPTIONS ...]

Runs ruff, mypy --strict, import-linter and the fast tests; --all leaves no test out.
With any path or option for pytest, only pytest runs."""


def main(argv: list[str]) -> int:
    """0 where all passed; every check runs even when an earlier one failed."""
    if "-h" in argv or "--help" in argv:
        print(USAGE)
        return 0
    words = [word for word in argv if word != "--all"]
    failed = [] if words else [name for name, command in CHECKS.items() if not _passes(name, command)]
    for name in failed:
        print(f"{name} failed; see above")
    everything = ["--everything"] if "--all" in argv else []
    tests = _run("-m", "pytest", *everything, *words) if words or everything else _fast_tests()
    return tests or int(bool(failed))


def _fast_tests() -> int:
    """Two at a time; what the quieter half said comes last."""
    with tempfile.TemporaryFile("w+") as told:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *WAITING]
        beside = subprocess.Popen(command, cwd=CHECKOUT, stdout=told, stderr=subprocess.STDOUT)
        try:
            here = _run("-m", "pytest", "-q", *(f"--ignore={folder}" for folder in WAITING))
            there = beside.wait()
        finally:
            beside.kill()
        told.seek(0)
        print(f"\n{' and '.join(WAITING)}:\n{told.read()}", flush=True)
    return here or there


def _passes(name: str, command: tuple[str, ...]) -> bool:
    began = time.monotonic()
    passed = _run(*command) == 0
    print(f"{name}: {'passed' if passed else 'FAILED'} in {time.monotonic() - began:.1f} s", flush=True)
    return passed


def _run(*words: str) -> int:
    return subprocess.run([sys.executable, *words], cwd=CHECKOUT, check=False).returncode
