"""Every check, one after another."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from pipeline.places import CHECKOUT

CHECKS: dict[str, tuple[str, ...]] = {
    "ruff": ("-m", "ruff", "check", "."),
    "mypy": ("-m", "mypy"),
    "import-linter": ("-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"),
}
"""What this Python is to run; the tests themselves come last, so that pytest has the last word."""
WAITING = (
    ("tests/bot/voice", "tests/double"),
    ("tests/bot", "--ignore=tests/bot/voice", "tests/pipeline/road"),
)
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
    """Several at a time; what those that wait had to say comes last."""
    elsewhere = {word for group in WAITING for word in group if not word.startswith("-")}
    with ExitStack() as held:
        beside = [held.enter_context(_beside(group)) for group in WAITING]
        here = _run("-m", "pytest", "-q", *(f"--ignore={folder}" for folder in sorted(elsewhere)))
        return max(here, *(wait() for wait in beside))


@contextmanager
def _beside(group: tuple[str, ...]) -> Iterator[Callable[[], int]]:
    """A run of its own; to call for its end, when it tells what it saw."""
    with tempfile.TemporaryFile("w+") as told:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *group]
        running = subprocess.Popen(command, cwd=CHECKOUT, stdout=told, stderr=subprocess.STDOUT)

        def wait() -> int:
            ended = running.wait()
            told.seek(0)
            print(f"\n{' '.join(group)}:\n{told.read()}", flush=True)
            return ended

        try:
            yield wait
        finally:
            running.kill()


def _passes(name: str, command: tuple[str, ...]) -> bool:
    began = time.monotonic()
    passed = _run(*command) == 0
    print(f"{name}: {'passed' if passed else 'FAILED'} in {time.monotonic() - began:.1f} s", flush=True)
    return passed


def _run(*words: str) -> int:
    return subprocess.run([sys.executable, *words], cwd=CHECKOUT, check=False).returncode
