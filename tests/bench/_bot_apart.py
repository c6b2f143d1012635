"""A bot in a process of its own."""

from __future__ import annotations

import asyncio
import json
import resource
import ssl
import sys
import time
from pathlib import Path

import aiohttp

from bot.app import build
from pipeline.log import set_up_logging
from tests.bench._blockers import Blockers
from tests.discord_double.names import LoopbackResolver

LOOK_S = 0.01
LATE_S = 0.015
"""After so long without a look, it is noted where the loop is held."""


async def serve(port: int, authority: str, token: str, home: Path, *, why: bool) -> None:
    """Until its input ends; every line of it is answered with the figures since the last."""
    set_up_logging("WARNING", plain=False)
    trusting = ssl.create_default_context(cafile=authority)
    connector = aiohttp.TCPConnector(limit=0, ssl=trusting, resolver=LoopbackResolver(port))
    bot = build(token, connector=connector, home=home, keep_executor=False)
    serving = asyncio.create_task(bot.serve())
    lags: list[float] = []
    own: list[float] = []
    blockers = Blockers(LATE_S) if why else None
    looking = asyncio.create_task(_look(lags, own, blockers))
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line.strip() == "figures":
            told = {"lag_ms": _p99(lags), "own_ms": _p99(own), "rss_mb": _rss_mb()}
            told |= {"guilds": len(bot.guilds), "ready": bot.is_ready()}
            print(json.dumps(told), flush=True)
            lags.clear()
            own.clear()
            if blockers:
                blockers.write(home / "blockers.txt")
    looking.cancel()
    await bot.close()
    await asyncio.gather(serving, looking, return_exceptions=True)


async def _look(lags: list[float], own: list[float], blockers: Blockers | None) -> None:
    """How late it is each time, and how much of that the loop's own thread was at work."""
    while True:
        began, worked = time.perf_counter(), time.thread_time()
        await asyncio.sleep(LOOK_S)
        lags.append(1000 * max(0.0, time.perf_counter() - began - LOOK_S))
        own.append(1000 * (time.thread_time() - worked))
        if blockers:
            blockers.ticked()


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)] if values else 0.0


def _rss_mb() -> float:
    with Path("/proc/self/statm").open(encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


if __name__ == "__main__":
    told = json.loads(sys.argv[1])
    asyncio.run(serve(told["port"], told["authority"], told["token"], Path(told["home"]), why=told["why"]))
