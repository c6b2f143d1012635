"""Metrics and health, on loopback."""

from __future__ import annotations

import asyncio
import math
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import discord
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.client import TaleBot
from bot.maintenance.executor_keeper import here
from bot.observability.executors import Executors
from bot.voice.player.status import Doing
from pipeline.errors import Refused
from pipeline.log import log_of
from pipeline.places import Places
from pipeline.road.door import lives

OFF = "off"
LEAST_FREE_GB = 1.0
ILL = 503
log = log_of("seen")


@asynccontextmanager
async def seen_at(address: str, bot: TaleBot, places: Places | None = None) -> AsyncIterator[int]:
    """Serve metrics while the block lasts, and give the port; 0 where it is taken or off. Raises Refused."""
    if address == OFF:
        yield 0
        return
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise Refused("setting_invalid", key="ECHOTALES_SEEN_AT", where=address, why="host:port")
    runner = web.AppRunner(_site(bot, places or Places.here()), access_log=None)
    await runner.setup()
    try:
        yield await _opened(runner, host, int(port))
    finally:
        await runner.cleanup()


async def health(bot: TaleBot, places: Places) -> dict[str, Any]:
    """Return what an operator wants to know first; `well` sums it up."""
    services = getattr(bot, "services", None)
    latency_s = bot.latency if bot.is_ready() else math.nan  # NaN in discord.py too, before the first heartbeat
    alive = await asyncio.to_thread(_executor_lives, places.state)
    free_gb = round((await asyncio.to_thread(shutil.disk_usage, _there(places.home))).free / 1e9, 1)
    standing = await services.now.standing() if services else None
    return {
        "well": bot.is_ready() and alive and free_gb >= LEAST_FREE_GB,
        "ready": bot.is_ready(),
        "executor": alive,
        "free_gb": free_gb,
        "latency_ms": None if math.isnan(latency_s) else round(latency_s * 1_000),
        "servers": len(bot.guilds),
        "calls": len(bot.voice_clients),
        "told_live": _told_live(bot) if services else 0,
        "listening": sum(services.ears.of(guild.id) is not None for guild in bot.guilds) if services else 0,
        "open_tales": services.teller.open if services else 0,
        "profile": standing.profile if standing else "",
        "weights_share": standing.share if standing else 0.0,
        "models": {one.role: one.model for one in standing.models} if standing else {},
    }


def _told_live(bot: TaleBot) -> int:
    """Count calls in which a tale plays; asks only servers with a call, since asking for a player makes one."""
    rooms = [voice.guild.id for voice in bot.voice_clients if isinstance(voice, discord.VoiceClient)]
    return sum(bot.services.booths.of(room).now.doing is not Doing.NOTHING for room in rooms)


def _site(bot: TaleBot, places: Places) -> web.Application:
    gauges = {
        name: bot.metrics.gauge(name, told)
        for name, told in (
            ("ready", "1 while the gateway is connected"),
            ("executor", "1 while this machine's executor lives"),
            ("free_gb", "GB free where tales are kept"),
            ("latency_ms", "To Discord's gateway and back"),
            ("servers", "Servers the bot is in"),
            ("calls", "Voice calls the bot is in"),
            ("told_live", "Calls in which a tale sounds"),
            ("listening", "Calls in which it listens"),
            ("weights_share", "0 to 1: how much of the models has come"),
        )
    }
    models = bot.metrics.gauge("model_in_use", "1 for every model at work", "role", "model")
    executors = Executors(bot.metrics, places.state)

    async def metrics(_request: web.Request) -> web.Response:
        found = await health(bot, places)
        for name, gauge in gauges.items():
            gauge.set(math.nan if found[name] is None else float(found[name]))
        models.clear()
        for role, model in found["models"].items():
            models.labels(role, model).set(1)
        services = getattr(bot, "services", None)
        await executors.look(services.door if services else None)
        return web.Response(body=generate_latest(bot.metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def healthy(_request: web.Request) -> web.Response:
        found = await health(bot, places)
        return web.json_response(found, status=200 if found["well"] else ILL)

    site = web.Application()
    site.add_routes([web.get("/metrics", metrics), web.get("/health", healthy)])
    return site


async def _opened(runner: web.AppRunner, host: str, port: int) -> int:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        log.warning("health_not_served", at=f"{host}:{port}", why=str(error))
        return 0
    return int(runner.addresses[0][1])


def _executor_lives(state: Path) -> bool:
    return lives(state, here(state, socket.gethostname()).name)


def _there(folder: Path) -> Path:
    """Return the folder, or the nearest above it that exists."""
    return next(one for one in (folder, *folder.parents) if one.exists())
