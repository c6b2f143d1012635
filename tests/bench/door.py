"""What the front door costs."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time

from pipeline.places import CHECKOUT
from tests.bench._machine import reference, reference_lines

TIMES = 15
DOOR = str(CHECKOUT / "echotales.py")


def main(argv: list[str]) -> int:
    """`bench door [--json]`: medians of fresh processes, started by the Python that made the environment."""
    parser = argparse.ArgumentParser(prog="bench door", description=__doc__)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    outside = getattr(sys, "_base_executable", None) or sys.executable
    bare_ms = _median_ms([sys.executable, "-X", "utf8", "-c", "pass"])
    figures = {
        "help_ms": _median_ms([outside, DOOR, "--help"]),
        "overhead_ms": _median_ms([outside, DOOR, "bench"]) - bare_ms,
        "bare_python_ms": bare_ms,
    }
    if args.json:
        print(json.dumps({name: round(value, 1) for name, value in figures.items()} | reference()))
        return 0
    for name, value in figures.items():
        print(f"{name:<16} {value:7.1f}")
    print(reference_lines())
    return 0


def _median_ms(command: list[str]) -> float:
    return statistics.median(_once_ms(command) for _ in range(TIMES))


def _once_ms(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, cwd=CHECKOUT, capture_output=True, check=False)
    return 1000 * (time.perf_counter() - began)
