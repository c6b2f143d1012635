"""The voices, at a terminal."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from pipeline.cli.saying import run
from pipeline.errors import Refused
from pipeline.speaking.voices import Traits, voice_book


def main(argv: Sequence[str]) -> int:
    """The verb `voices`."""
    parser = argparse.ArgumentParser(prog="echotales.py voices", description="List the voices that ship.")
    parser.add_argument("--language", help="only those of one language: en, pt, es...")
    parser.add_argument("--json", action="store_true", help="print one list")
    args = parser.parse_args(argv)
    return run(lambda: _voices(args), as_json=args.json)


def _voices(args: argparse.Namespace) -> int:
    book = voice_book()
    found = {name: one for name, one in book.voices.items() if one.locale.startswith(args.language or "")}
    if not found:
        known = ", ".join(sorted({one.locale[:2] for one in book.voices.values()}))
        raise Refused("language_unvoiced", language=args.language, known=known)
    tellers = {name for names in book.narrators.values() for name in names}
    if args.json:
        print(json.dumps([{"id": name, "narrator": name in tellers, **asdict(one)} for name, one in found.items()]))
    else:
        Console().print(_table(found, tellers))
    return 0


def _table(found: dict[str, Traits], tellers: set[str]) -> Table:
    table = Table("voice", "locale", "", "age", "pitch", "licence", "tells by itself", box=None)
    for name, one in found.items():
        pitch = f"{one.pitch_hz:.0f} Hz" if one.pitch_hz else ""
        table.add_row(name, one.locale, one.gender, one.age, pitch, one.licence, "yes" if name in tellers else "")
    return table
