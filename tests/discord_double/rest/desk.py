"""The front desk of the REST API."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from tests.discord_double import refusal
from tests.discord_double.faults import Fault
from tests.discord_double.house import House
from tests.discord_double.people import Application
from tests.discord_double.refusal import Refusal
from tests.discord_double.rest import (
    applications,
    channels,
    commands,
    guilds,
    interactions,
    messages,
    reactions,
    threads,
)
from tests.discord_double.rest.call import Call, Route, read_body

VERSIONS = ("v10", "v9")
ROUTES: tuple[Route, ...] = (
    *applications.ROUTES,
    *commands.ROUTES,
    *interactions.ROUTES,
    *messages.ROUTES,
    *reactions.ROUTES,
    *channels.ROUTES,
    *threads.ROUTES,
    *guilds.ROUTES,
)
INVALID = (401, 403, 429)


@dataclass(frozen=True)
class Served:
    """A request that was answered, for tests that count them."""

    method: str
    path: str
    status: int
    body: Any = None
    file_sizes: tuple[int, ...] = ()


@dataclass
class Desk:
    """Finds the route, knows the caller, keeps the limits, and says no in Discord's words."""

    house: House
    served: list[Served] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        method, path = request.method, request.path
        fault = self.house.faults.take(method, path)
        if fault is not None and fault.delay_s:
            await self.house.world.clock.sleep(fault.delay_s)
        elif fault is not None and not fault.after:
            return self._broken(request, fault)
        answer = await self._answer(request)
        if fault is not None and fault.after:
            return self._broken(request, fault)
        return answer

    async def _answer(self, request: web.Request) -> web.Response:
        body: Any = None
        sizes: tuple[int, ...] = ()
        headers: dict[str, str] = {}
        try:
            body, uploads = await read_body(request)
            sizes = tuple(len(each.data) for each in uploads)
            route, names = _find(request.method, _parts(request.path))
            caller = self._caller(request, route)
            headers = self._limit(route, names, caller)
            query = dict(request.query)
            reason = unquote(request.headers.get("X-Audit-Log-Reason", ""))
            call = Call(self.house, caller, names, query, body, uploads, request.host, reason)
            given = route.answer(call)
            answer = (
                _json(given, route.status, headers) if given is not None else web.Response(status=204, headers=headers)
            )
        except Refusal as no:
            answer = self._refused(no.with_traceback(None), headers)
        self.served.append(Served(request.method, request.path, answer.status, body, sizes))
        self.house.world.bell.ring()
        return answer

    def _caller(self, request: web.Request, route: Route) -> Application | None:
        if route.by_token:
            return None
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        caller = self.house.world.by_token(token) if scheme == "Bot" else None
        if caller is None:
            raise refusal.UNAUTHORIZED
        return caller

    def _limit(self, route: Route, names: dict[str, str], caller: Application | None) -> dict[str, str]:
        """The rate-limit headers, or a 429 that carries them."""
        if self.house.limits.banned:
            raise Refusal(429, 0, "You are being blocked from accessing our API temporarily.")
        major = names.get("channel") or names.get("guild") or names.get("token") or ""
        who = caller.id if caller else 0
        bucket = route.bucket or f"{route.method} {route.path}"
        verdict = self.house.limits.ask(who, bucket, major, counts_globally=not route.by_token)
        if not verdict.passes:
            raise _TooMany(verdict.headers, verdict.retry_after_s, verdict.everywhere)
        return verdict.headers

    def _refused(self, no: Refusal, headers: dict[str, str]) -> web.Response:
        if no.status in INVALID:
            self.house.limits.note_invalid()
        body = no.json()
        if isinstance(no, _TooMany):
            headers = no.headers | {"Retry-After": f"{no.retry_after_s:.3f}", "Via": "1.1 google"}
            body = {"message": no.message, "retry_after": round(no.retry_after_s, 3), "global": no.everywhere}
        return _json(body, no.status, headers)

    def _broken(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        self.served.append(Served(request.method, request.path, fault.status))
        if fault.status == 0 and request.transport is not None:
            request.transport.close()
        return web.Response(status=fault.status or 502, text="upstream connect error")


class _TooMany(Refusal):
    """A 429."""

    def __init__(self, headers: dict[str, str], retry_after_s: float, everywhere: bool) -> None:
        super().__init__(429, 0, "You are being rate limited.")
        self.headers, self.retry_after_s, self.everywhere = headers, retry_after_s, everywhere


def _parts(path: str) -> tuple[str, ...]:
    """The path after /api/v10, cut at its slashes."""
    parts = path.strip("/").split("/")
    if parts[:1] != ["api"] or len(parts) < 3 or parts[1] not in VERSIONS:
        raise refusal.NO_ROUTE
    return tuple(unquote(part) for part in parts[2:])


def _find(method: str, parts: tuple[str, ...]) -> tuple[Route, dict[str, str]]:
    elsewhere = False
    for route in ROUTES:
        names = route.match(parts)
        if names is not None and route.method == method:
            return route, names
        elsewhere |= names is not None
    raise refusal.WRONG_METHOD if elsewhere else refusal.NO_ROUTE


def _json(body: Any, status: int, headers: dict[str, str]) -> web.Response:
    # Exactly this media type: with a charset behind it, discord.py takes the body for text.
    said = headers | {"Content-Type": "application/json"}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=said)
