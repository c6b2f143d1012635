"""What a night of spite does."""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

from tests.faults.hostile.night import spent


def main(argv: list[str]) -> int:
    """`bench hostile [--count 10000] [--seed 1] [--json]`: exits 1 where any harm was done."""
    parser = argparse.ArgumentParser(prog="bench hostile", description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="echotales-hostile-") as folder:
        figures = vars(asyncio.run(spent(args.count, args.seed, Path(folder))))
    if args.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:<14} {value}")
    return int(not figures["alive"] or any(figures[name] for name in ("tracebacks", "mentions", "leaked_bytes")))
