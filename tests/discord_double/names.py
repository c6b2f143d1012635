"""Discord's host names, all on loopback."""

from __future__ import annotations

import socket

from aiohttp.abc import AbstractResolver, ResolveResult

API = "discord.com"
GATEWAY = "gateway.discord.gg"
CDN = "cdn.discordapp.com"
MEDIA = "media.discordapp.net"
VOICE = "voice-1.discord.media"
OTHER_VOICE = "voice-2.discord.media"
LOCAL = "localhost"
HOSTS = (API, GATEWAY, CDN, MEDIA, VOICE, OTHER_VOICE, LOCAL)
LOOPBACK = "127.0.0.1"


class NoSuchHost(OSError):
    """A client asked for a name that is not Discord's: on loopback there is no internet."""


class LoopbackResolver(AbstractResolver):
    """Resolves Discord's names, whatever their port, to the double's socket, and refuses every other name."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host not in HOSTS:
            raise NoSuchHost(host)
        return [
            ResolveResult(
                hostname=host,
                host=LOOPBACK,
                port=self._port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        return None
