"""The bot at a terminal."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

import aiohttp
import discord

from bot.app import build
from bot.client import TaleBot
from bot.maintenance.health import examined
from bot.observability.serving import seen_at
from bot.wording import said
from pipeline.errors import Missing, Refused, TaleError
from pipeline.log import set_up_logging
from pipeline.places import OURS_ALONE
from pipeline.settings import Settings, read_settings, secrets_of, sentry_of
from pipeline.wording import sentence, terminal_locale
from pipeline.words.finding import Finding, Grade


def main(argv: Sequence[str]) -> int:
    """Run the verb `bot` until Ctrl-C or SIGTERM; tales under way go on at the next start."""
    args = _parser().parse_args(argv)
    os.umask(OURS_ALONE)  # members' words and voices lie in these files
    try:
        settings = read_settings()
        if not settings.token:
            raise Missing("token_missing")
        if args.profile:
            os.environ["ECHOTALES_PROFILE"] = args.profile  # the executor is a process of its own
        set_up_logging(settings.log_level, secrets=secrets_of(settings), sentry=sentry_of(settings))
        return asyncio.run(_serve(settings, keep_executor=not args.no_executor))
    except TaleError as error:
        print(sentence(error, terminal_locale()), file=sys.stderr)
        return error.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="echotales.py bot", description="Tell tales on Discord, until stopped.")
    parser.add_argument("--profile", help="tiny, embedded, gpu-8gb, gpu-24gb; chosen by the hardware when not given")
    parser.add_argument("--no-executor", action="store_true", help="workers are started elsewhere: `worker`")
    return parser


async def _serve(settings: Settings, *, keep_executor: bool) -> int:
    found = await examined(settings, terminal_locale())
    for one in found:
        print(f"{one.says}{'  ' + one.mend if one.mend else ''}", file=sys.stderr)
    if ill := [one for one in found if one.grade is Grade.ILL]:
        return _ill(ill)
    bot = build(settings.token, keep_executor=keep_executor)
    async with seen_at(settings.seen_at, bot):
        return await run(bot)


def _ill(found: Sequence[Finding]) -> int:
    return Refused.exit_code if any(one.name == "token" for one in found) else 1


async def run(bot: TaleBot, told: Callable[[str], object] = print) -> int:
    """Run the bot until somebody asks to stop; cards show their last state."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl-C comes as KeyboardInterrupt
            loop.add_signal_handler(number, asked.set)
    serving, waiting = asyncio.create_task(bot.serve()), asyncio.create_task(asked.wait())
    try:
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()  # raises what ended it
        else:
            told(said("health.stopping", terminal_locale()))
    except (discord.HTTPException, discord.GatewayNotFound, aiohttp.ClientError) as error:
        told(said("health.unreached", terminal_locale(), why=str(error).splitlines()[0]))
        return 1
    finally:
        waiting.cancel()
        await bot.close()
        await asyncio.gather(serving, waiting, return_exceptions=True)
    return 0
