"""The real bot, in a mortal process."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from pathlib import Path

import aiohttp

from bot.app import build
from tests.discord_double.names import LoopbackResolver


async def serve(port: int, authority: str, token: str, home: str) -> None:
    """Until killed, on the little Discord behind this port; its executor is somebody else's."""
    trusting = ssl.create_default_context(cafile=authority)
    connector = aiohttp.TCPConnector(limit=0, ssl=trusting, resolver=LoopbackResolver(port))
    await build(token, connector=connector, home=Path(home), keep_executor=False).start(token)


if __name__ == "__main__":
    asyncio.run(serve(**json.loads(sys.argv[1])))
