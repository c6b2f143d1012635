"""This process becomes another Python's."""

# Read by the front door on any Python from 3.8: the standard library alone, no newer syntax.
from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

FLAGS = ["-X", "utf8"]
"""Files, pipes and consoles speak UTF-8 whatever the machine's locale says."""


def to(python: Path, words: list[str]) -> int:
    """Go on with `python` and these words: in place where the system can, else as a child whose exit code is ours."""
    sys.stdout.flush()
    sys.stderr.flush()
    command = [str(python), *FLAGS, *words]
    if hasattr(os, "fork"):  # elsewhere execv starts a second process and lets the console go
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted
    return as_child(command)


def as_child(command: list[str]) -> int:
    """Run and wait. Ctrl-C reaches the child by the console they share, so the parent lets it finish its own way."""
    # A handler that does nothing, not SIG_IGN: that one the child would inherit, and nothing could stop it.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with subprocess.Popen(command) as child:
            return child.wait()
    finally:
        signal.signal(signal.SIGINT, before)
