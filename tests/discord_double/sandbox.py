"""A little local Discord in the browser."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import os
from collections.abc import Callable
from typing import Any

from pipeline.places import Places
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.window.page import Page

BOT = "bot.app:build"
DEMO = "tests.discord_double.demo:build"
PORT = 8765
Factory = Callable[..., Any]


def main(argv: list[str]) -> int:
    """Run until interrupted; 2 where there is no bot to run, 1 where it ended by itself."""
    wanted = _read(argv)
    os.environ.update(apart())
    factory = find(wanted.bot)
    if factory is None:
        print(f"There is no bot at {wanted.bot}; try --bot {DEMO}, a tiny one that is always there.")
        return 2
    with contextlib.suppress(KeyboardInterrupt):
        return asyncio.run(_run(factory, wanted.port))
    return 0


def find(dotted: str) -> Factory | None:
    """The factory at "module:name", or None where there is no such module or name."""
    module, _, name = dotted.partition(":")
    try:
        found = getattr(importlib.import_module(module), name, None)
    except ModuleNotFoundError as missing:
        if not (missing.name and f"{module}.".startswith(f"{missing.name}.")):
            raise  # the bot is there, and something that it needs is not
        return None
    return found if callable(found) else None


def apart() -> dict[str, str]:
    """A home beside the installation's own, whose library and queue no game may touch; weights are shared."""
    own = Places.here()
    home = own.home.with_name(f"{own.home.name}-sandbox")
    home.mkdir(parents=True, exist_ok=True)
    own.cache.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(OSError):  # it stands already; or no links here, and then they are fetched once more
        (home / "cache").symlink_to(own.cache, target_is_directory=True)
    return {"ECHOTALES_HOME": str(home), "ECHOTALES_DATABASE_URL": "", "ECHOTALES_ARTIFACTS_URL": ""}


async def _run(factory: Factory, port: int) -> int:
    async with LoopbackDiscord() as double:
        guild = double.guild("The sandbox")
        page = Page(double, guild)
        await page.open(port)
        print(
            f"A little Discord is at http://localhost:{page.port}/ (this machine only). Stop it with Ctrl+C.",
            flush=True,
        )
        bot = factory(double.token, connector=double.connector())
        try:
            await bot.start(double.token)
        finally:
            await bot.close()
            await page.close()
    print("The bot ended.")
    return 1


def _read(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("echotales.py sandbox", description="A little local Discord, with no token.")
    parser.add_argument("--port", type=int, default=PORT, help="of the page, on loopback; 0 takes any (%(default)s)")
    parser.add_argument("--bot", default=BOT, help="module:factory of the bot (%(default)s)")
    return parser.parse_args(argv)
