"""Links, fetched safely and politely."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from pipeline.errors import Refused, Unreachable

MOST_BYTES = 25_000_000
MOST_HOPS = 5
WITHIN_S = 30.0
AGENT = "EchoTales"
_MOST_URL_CHARS = 2_000
_MOST_ROBOTS_BYTES = 500_000
_PIECE_BYTES = 1 << 16
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_CLOSED, _GONE = {401, 402, 403, 407, 451}, {404, 410}
Allowed = Callable[[str], bool]
"""Whether a connection to this address may be opened."""


@dataclass(frozen=True)
class Fetched:
    """What a link gave."""

    data: bytes
    """Empty where nothing changed since the marks."""
    address: str
    """Where it came from in the end."""
    etag: str = ""
    modified: str = ""
    """Marks by which the server tells whether it changed."""
    changed: bool = True


def is_public(address: str) -> bool:
    """Whether it is an address of the open internet, also where it is wrapped in another family's."""
    ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


async def fetch(
    link: str, *, etag: str = "", modified: str = "", most_bytes: int = MOST_BYTES, allowed: Allowed = is_public
) -> Fetched:
    """Fetch one link; each hop's address is checked after it was resolved, and that very one is connected to.

    Raises Refused `link_invalid`, `link_private`, `link_missing`, `link_closed`, `link_endless`, or Unreachable.
    """
    marks = {"If-None-Match": etag, "If-Modified-Since": modified}
    headers = {"User-Agent": AGENT, "Accept": "*/*", **{name: value for name, value in marks.items() if value}}
    connector = aiohttp.TCPConnector(resolver=_CheckedResolver(allowed), use_dns_cache=False, limit=1)
    timeout = aiohttp.ClientTimeout(total=WITHIN_S, sock_connect=10)
    try:
        async with (
            asyncio.timeout(WITHIN_S),
            aiohttp.ClientSession(connector=connector, timeout=timeout, headers=headers) as session,
        ):
            return await _followed(session, link.strip(), most_bytes, allowed)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        if private := _private_of(error):
            raise private from error
        why = "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__
        raise Unreachable("link_unreachable", host=urlsplit(link).hostname or link[:80], why=why) from error


async def fetch_politely(link: str, most_bytes: int = MOST_BYTES, allowed: Allowed = is_public) -> Fetched:
    """Fetch one link where its site lets programs read it; raises as `fetch`, and Refused `link_disallowed`."""
    if not await allowed_by_robots(link, allowed):
        raise Refused("link_disallowed", host=host_of(link))
    return await fetch(link, most_bytes=most_bytes, allowed=allowed)


async def allowed_by_robots(link: str, allowed: Allowed = is_public) -> bool:
    """Whether the site lets programs read this link; one without rules lets them."""
    try:
        rules = await fetch(urljoin(link, "/robots.txt"), most_bytes=_MOST_ROBOTS_BYTES, allowed=allowed)
    except Refused as refused:
        if refused.code in {"link_missing", "link_closed", "link_endless"}:
            return True
        raise
    parser = RobotFileParser()
    parser.parse(rules.data.decode("utf-8", "replace").splitlines())
    return parser.can_fetch(AGENT, link)


def host_of(address: str) -> str:
    """Its site, as one says it."""
    return (urlsplit(address).hostname or address).removeprefix("www.")


def is_link(text: str) -> bool:
    """Whether it is one address of the web and nothing else."""
    return text.strip().lower().startswith(("http://", "https://")) and not any(char.isspace() for char in text.strip())


async def _followed(session: aiohttp.ClientSession, link: str, most_bytes: int, allowed: Allowed) -> Fetched:
    for _ in range(MOST_HOPS):
        _check(link, allowed)
        async with session.get(link, allow_redirects=False) as answer:
            if answer.status == 304:
                return Fetched(b"", link, changed=False)
            if answer.status in {301, 302, 303, 307, 308} and "Location" in answer.headers:
                link = urljoin(link, answer.headers["Location"])
                continue
            _check_status(answer.status, link)
            data = await _read(answer, most_bytes)
            heads = answer.headers
            return Fetched(data, link, heads.get("ETag", ""), heads.get("Last-Modified", ""))
    raise Refused("link_invalid", link=link[:80])


def _check(link: str, allowed: Allowed) -> None:
    try:
        parts = urlsplit(link)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Refused("link_invalid", link=link[:80]) from error
    if parts.scheme not in {"http", "https"} or not host or parts.username or len(link) > _MOST_URL_CHARS:
        raise Refused("link_invalid", link=link[:80])
    try:
        ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return  # a name: its addresses are checked when they are known
    if not allowed(host):
        raise Refused("link_private", host=host)


def _check_status(status: int, link: str) -> None:
    host = urlsplit(link).hostname or ""
    if status in _GONE:
        raise Refused("link_missing", host=host)
    if status in _CLOSED:
        raise Refused("link_closed", host=host)
    if status != 200:
        raise Unreachable("link_unreachable", host=host, why=f"it answered {status}")


async def _read(answer: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    data = bytearray()
    async for piece in answer.content.iter_chunked(_PIECE_BYTES):
        data += piece
        if len(data) > most_bytes:
            raise Refused("link_endless", most_mb=most_bytes // 10**6)
    return bytes(data)


class _CheckedResolver(AbstractResolver):
    """Gives only addresses that may be connected to; a name with any other is refused whole."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found: list[Any] = await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        if not all(self._allowed(str(address[0])) for *_, address in found):
            raise _PrivateError(host)
        return [
            ResolveResult(
                hostname=host, host=str(address[0]), port=port, family=kind, proto=proto, flags=socket.AI_NUMERICHOST
            )
            for kind, _, proto, _, address in found
        ]

    async def close(self) -> None:
        """Nothing is held."""


class _PrivateError(OSError):
    """A name leads to a private address."""


def _private_of(error: BaseException) -> Refused | None:
    """The refusal behind what the client made of it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, _PrivateError):
            return Refused("link_private", host=str(cause.args[0]))
        cause = cause.__cause__ or cause.__context__
    return None
