#!/usr/bin/env python3
"""The front door."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV_PYTHON = HERE / ".venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def main(argv: list[str]) -> int:
    if Path(sys.prefix) != HERE / ".venv":
        os.execv(str(VENV_PYTHON), [str(VENV_PYTHON), str(HERE / "echotales.py"), *argv])  # noqa: S606 - no shell is wanted
    verb, *rest = argv
    module = "tests.bench." + rest.pop(0) if verb == "bench" else "pipeline.cli." + verb
    return int(importlib.import_module(module).main(rest))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
