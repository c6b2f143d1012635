"""The verb that restores a backup."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from bot.library.restore import restore
from bot.library.terminal import opened, run
from bot.wording import said
from pipeline.artifacts import artifacts_of
from pipeline.settings import read_settings
from pipeline.wording import terminal_locale


def main(argv: Sequence[str]) -> int:
    """Run the verb `restore`."""
    parser = argparse.ArgumentParser(
        prog="echotales.py restore",
        description="Restore a backup into an empty library, on SQLite or Postgres. What was erased since is left out, "
        "as far as its marks lie beside the backup.",
    )
    parser.add_argument("file", type=Path, help="as `backup` wrote it")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    return run(_restored(parser.parse_args(argv)))


async def _restored(args: argparse.Namespace) -> int:
    async with opened() as (library, places):
        settings = read_settings()
        artifacts = artifacts_of(places.artifacts, settings.artifacts_url, settings.data_key)
        back = await restore(library, artifacts, args.file)
    if args.json:
        print(json.dumps(vars(back)))
    else:
        print(said("backup.restored", terminal_locale(), **vars(back)))
    return 0
