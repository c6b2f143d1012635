"""The verb that opens the door."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.library.terminal import run
from bot.web.server import is_loopback, listen, place_of
from bot.web.services import web_services
from bot.web.site import site_of
from bot.wording import said
from pipeline.log import set_up_logging
from pipeline.places import OURS_ALONE, Places
from pipeline.settings import read_settings, secrets_of, sentry_of
from pipeline.wording import terminal_locale


def main(argv: Sequence[str]) -> int:
    """Run the verb `serve` until Ctrl-C or SIGTERM; tales under way go on at the next start."""
    args = _parser().parse_args(argv)
    os.umask(OURS_ALONE)  # members' words and voices lie in these files
    return run(_serve(args))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="echotales.py serve", description="Open the door: an HTTP API, a player and a studio in the browser."
    )
    parser.add_argument("--at", help="host:port; 127.0.0.1:8090 when neither this nor ECHOTALES_WEB_AT is given")
    parser.add_argument("--no-executor", action="store_true", help="workers are started elsewhere: `worker`, or `bot`")
    return parser


async def _serve(args: argparse.Namespace) -> int:
    settings, places, locale = read_settings(), Places.here(), terminal_locale()
    host, port = place_of(args.at or settings.web_at)
    set_up_logging(settings.log_level, secrets=secrets_of(settings), sentry=sentry_of(settings))
    home = Path(os.environ["ECHOTALES_HOME"]) if os.environ.get("ECHOTALES_HOME") else None
    async with web_services(places, settings, keep_executor=not args.no_executor, home=home) as web:

        def ready(port: int) -> None:
            print(
                said("web.ready", locale, url=f"http://{host if ':' not in host else f'[{host}]'}:{port}"), flush=True
            )
            if not is_loopback(host) and not settings.web_url.startswith("https://"):
                print(said("web.open_wide", locale), file=sys.stderr, flush=True)

        try:
            await listen(site_of(web), host, port, ready)
        except asyncio.CancelledError:
            return 0
    return 0
