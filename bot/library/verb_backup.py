"""The verb that backs up."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

from bot.library.backup import FOLDER, SUFFIX, back_up
from bot.library.terminal import opened, run
from bot.wording import said
from pipeline.wording import terminal_locale


def main(argv: Sequence[str]) -> int:
    """Run the verb `backup`."""
    parser = argparse.ArgumentParser(
        prog="echotales.py backup", description="Save tales, settings, voices and sounds in one file; the bot may run."
    )
    parser.add_argument("file", type=Path, nargs="?", help="file to write; by default dated, beside the library")
    parser.add_argument("--no-sounds", action="store_true", help="save words alone: tales can be told again from them")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    return run(_backed_up(parser.parse_args(argv)))


async def _backed_up(args: argparse.Namespace) -> int:
    async with opened() as (library, places):
        dated = places.home / FOLDER / time.strftime(f"echotales-%Y%m%d-%H%M%S{SUFFIX}")
        kept = await back_up(library, places.artifacts, args.file or dated, sounds=not args.no_sounds)
    size_mb = round(kept.file.stat().st_size / 1e6, 1)
    if args.json:
        print(json.dumps({"file": str(kept.file), "rows": kept.rows, "sounds": kept.sounds, "mb": size_mb}))
    else:
        told = said("backup.kept", terminal_locale(), file=kept.file, rows=kept.rows, sounds=kept.sounds, mb=size_mb)
        print(told)
    return 0
