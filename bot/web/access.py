"""Who asks, and what they may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

from starlette.requests import Request

from bot.gate.caller import Asker
from bot.library.keys import KeptKey, KeyScope
from bot.library.records import WEB, KeptTale, TaleState, Viewer
from bot.web.answers import locale_of
from bot.web.links import link_of
from bot.web.services import WebServices, told_story
from pipeline.errors import Missing, Refused
from pipeline.words.tale import Tale

_ID_CHARS = 32
_NOT_SHOWN = (TaleState.ERASED, TaleState.UNFIT)


def web_of(request: Request) -> WebServices:
    """Return the services behind this request."""
    return cast(WebServices, request.app.state.web)


def needs(scope: KeyScope) -> Callable[[Request], Awaitable[KeptKey]]:
    """Return what finds the key of a request, for routes that need this scope.

    Raises Refused `key_missing`, `key_wrong`, `key_flood`, `key_scope` or `gate_flood`.
    """

    async def found(request: Request) -> KeptKey:
        key = await key_of(request)
        if scope not in key.scopes:
            raise Refused("key_scope", scope=scope.value)
        return key

    return found


async def key_of(request: Request) -> KeptKey:
    """Return the key that a request shows."""
    web, now = web_of(request), web_of(request).clock()
    kind, _, shown = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not shown:
        raise Refused("key_missing")
    address = request.client.host if request.client else ""
    key = await web.library.keys.find(shown.strip())
    if key is None:
        try:
            web.wrong_keys.hold(address, now)
        except Refused as error:
            raise Refused("key_flood") from error
        raise Refused("key_wrong")
    web.presses.hold(key.id, now)
    if await web.library.servers.blocks(key.server, key.member):
        raise Refused("gate_blocked")
    return key


def asker_of_key(key: KeptKey, request: Request) -> Asker:
    """Return the member behind a key, as the gate knows members."""
    adult = KeyScope.ADULT in key.scopes
    return Asker(key.member, key.server, WEB, grown_up=adult, locale=locale_of(request))


async def viewer_of_key(key: KeptKey, web: WebServices) -> Viewer:
    """Return what its member may see: their own, what their server's keys asked for, all with the scope `server`."""
    if not key.server:
        return Viewer(key.member)
    every = await web.library.tales.channels(key.server) if KeyScope.SERVER in key.scopes else frozenset[str]()
    return Viewer(key.member, key.server, every | {WEB})


async def tale_for(request: Request, tale: str, scope: KeyScope = KeyScope.LISTEN) -> KeptTale:
    """Return a tale that the request may read, by its key or by a signed link. Raises Missing `tale_gone`."""
    web = web_of(request)
    if len(tale) != _ID_CHARS or not tale.isalnum():
        raise Missing("tale_gone")
    if scope is KeyScope.LISTEN and "sign" in request.query_params:
        until = request.query_params.get("until", "")
        web.links.hold(
            link_of(tale), int(until) if until.isdecimal() and len(until) < 12 else 1, request.query_params["sign"]
        )
        known = await web.library.tales.get(tale)
    else:
        key = await needs(scope)(request)
        known = await web.library.tales.seen(tale, await viewer_of_key(key, web))
        if known is None and KeyScope.REVIEW in key.scopes:
            known = await _of_server(web, tale, key)
    if known is None or known.state in _NOT_SHOWN:
        raise Missing("tale_gone")
    return known


async def _of_server(web: WebServices, tale: str, key: KeptKey) -> KeptTale | None:
    known = await web.library.tales.get(tale)
    return known if known and known.server == key.server and not known.delivery.only_me else None


async def story_of(web: WebServices, tale: KeptTale) -> Tale:
    """Return a finished tale. Raises Refused `tale_untold`, Missing `artifact_gone`."""
    return await told_story(tale, web.artifacts, web.pools)
