"""The verb that makes keys and removes them."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from bot.library.keys import USUAL, KeptKey, KeyScope
from bot.library.terminal import opened, run
from bot.wording import said
from pipeline.errors import Missing
from pipeline.wording import terminal_locale

DAY_S = 86_400.0


def main(argv: Sequence[str]) -> int:
    """Run the verb `keys`."""
    args = _parser().parse_args(argv)
    return run({"make": _make, "list": _list, "remove": _remove}[args.what](args))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="echotales.py keys", description="Keys of the open door.")
    whats = parser.add_subparsers(dest="what", required=True)
    make = whats.add_parser("make", help="make a key and show it, for the only time")
    make.add_argument("member", metavar="MEMBER", type=_named, help="whose tales: a Discord id, or any short name")
    make.add_argument("--server", default="", type=_named, help="the Discord server whose settings and limits hold")
    make.add_argument("--name", default="", type=_named, help="what the key is for")
    known = ", ".join(KeyScope)
    make.add_argument(
        "--scope", action="append", choices=list(KeyScope), default=[], help=f"of {known}; may be said again"
    )
    make.add_argument("--days", type=float, default=0.0, help="after which it ends; never when not given")
    whats.add_parser("list", help="list all keys, without their secrets").add_argument("--json", action="store_true")
    whats.add_parser("remove", help="take a key back").add_argument("key", metavar="ID", help="as `keys list` shows it")
    return parser


def _named(text: str) -> str:
    if len(text) > 80 or not text.isprintable():
        raise argparse.ArgumentTypeError("at most 80 letters")
    return text


async def _make(args: argparse.Namespace) -> int:
    async with opened() as (library, _places):
        ends_at = time.time() + args.days * DAY_S if args.days > 0 else 0.0
        print(await library.keys.make(args.member, args.server, args.name, args.scope or USUAL, ends_at))
    return 0


async def _list(args: argparse.Namespace) -> int:
    async with opened() as (library, _places):
        found = await library.keys.every()
    if args.json:
        print(json.dumps([asdict(one) | {"scopes": sorted(one.scopes)} for one in found]))
        return 0
    for one in found:
        print(_line(one))
    return 0


def _line(key: KeptKey) -> str:
    ends = datetime.fromtimestamp(key.ends_at, UTC).date().isoformat() if key.ends_at else "-"
    return f"{key.id}  {key.member:<20} {key.server or '-':<20} {','.join(sorted(key.scopes)):<24} {ends}  {key.name}"


async def _remove(args: argparse.Namespace) -> int:
    async with opened() as (library, _places):
        if not await library.keys.remove(args.key):
            raise Missing("key_unknown", key=args.key)
    print(said("web.key_removed", terminal_locale(), id=args.key))
    return 0
