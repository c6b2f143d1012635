"""Messages to addresses that somebody named."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from pipeline.errors import Refused
from pipeline.log import log_of
from pipeline.settings import Settings
from pipeline.sources.fetch import is_public

WITHIN_S = 10.0
TRIES, FIRST_WAIT_S = 4, 2.0
"""How often a message is sent where nobody answers, and the wait before the second time; doubled after each."""
_TAKEN, _THEIR_FAULT = 300, 500
SIGNATURE = "X-EchoTales-Signature"
log = log_of("web")


async def hold_to_public(url: str, settings: Settings) -> None:
    """Raise Refused `webhook_refused` for an address inside this network, which only its operator may name."""
    parts = urlsplit(url)
    try:
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise Refused("webhook_refused") from error
    if parts.scheme not in ("http", "https") or not host or parts.username or host.endswith("."):
        raise Refused("webhook_refused")
    if host in allowed(settings):
        return
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused("webhook_refused") from error
    if not all(is_public(str(one[4][0])) for one in found):
        raise Refused("webhook_refused")


def allowed(settings: Settings) -> frozenset[str]:
    """Return hosts of this network that the operator lets webhooks reach."""
    return frozenset(one.strip().lower() for one in settings.webhook_hosts.split(",") if one.strip())


class _PublicAlone(AbstractResolver):
    """Looks names up when a connection is made, and gives public addresses alone: a name may change its address."""

    def __init__(self, hosts: frozenset[str]) -> None:
        self._hosts, self._inner = hosts, aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """See AbstractResolver."""
        found = await self._inner.resolve(host, port, family)
        public = found if host in self._hosts else [one for one in found if is_public(one["host"])]
        if not public:
            raise OSError(host)
        return public

    async def close(self) -> None:
        """See AbstractResolver."""
        await self._inner.close()


@dataclass(frozen=True)
class Post:
    """Sends signed messages, none of them to this machine's own network."""

    settings: Settings

    async def send(self, url: str, told: Mapping[str, Any], secret: bytes) -> bool:
        """Send one message, again where nobody answers; False where it was given up."""
        body = json.dumps(told, ensure_ascii=False).encode()
        signed = hmac.new(secret, body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", SIGNATURE: f"sha256={signed}"}
        for number in range(TRIES):
            if number:
                await asyncio.sleep(FIRST_WAIT_S * 2 ** (number - 1))
            status = await self._status(url, body, headers)
            if status < _THEIR_FAULT:
                return status < _TAKEN
        return False

    async def _status(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Return what was answered; a refused address as a wrong request, silence as a fault of theirs."""
        try:
            await hold_to_public(url, self.settings)  # a literal address is asked of no resolver
            async with self._session() as session:
                answer = await session.post(url, data=body, headers=headers, allow_redirects=False)
                return answer.status
        except Refused:
            return HTTPStatus.BAD_REQUEST
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.info("webhook_unanswered", why=type(error).__name__)
            return HTTPStatus.BAD_GATEWAY

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(resolver=_PublicAlone(allowed(self.settings)), force_close=True)
        return aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=WITHIN_S))
