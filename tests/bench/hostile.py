"""What a night of spite does."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from contextlib import redirect_stdout
from pathlib import Path

from pipeline.log import set_up_logging
from tests.bench._machine import reference, reference_lines
from tests.faults.hostile.figures import HARMS, MOST_GAP_MS
from tests.faults.hostile.whole import spent

TOLD = 40
"""Of what should not have been said or done, for whoever mends it."""


def main(argv: list[str]) -> int:
    """`bench hostile [--count 10000] [--seed 1] [--json]`: exits 1 where any harm was done."""
    parser = argparse.ArgumentParser(prog="bench hostile", description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    set_up_logging("WARNING", plain=False)  # as a service has it: a colourful trace alone holds the loop for 0.4 s
    began_s = time.monotonic()
    # What bot and double say meanwhile is for a person: the table or the object alone goes to standard output.
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder, redirect_stdout(sys.stderr):
        figures, told = asyncio.run(spent(args.count, args.seed, Path(folder)))
    found = vars(figures) | {"seconds": round(time.monotonic() - began_s, 1)}
    for one, times in Counter(told).most_common(TOLD):
        print(f"{times} x {one!r}", file=sys.stderr)
    if args.json:
        print(json.dumps(found | reference()))
    else:
        for name, value in found.items():
            print(f"{name:<18} {value}")
        print(reference_lines())
    harmed = any(found[name] for name in HARMS) or figures.worst_loop_gap_ms > MOST_GAP_MS
    return int(harmed or not figures.alive)
