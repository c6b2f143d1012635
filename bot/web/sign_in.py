"""Signs members in with Discord."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

import aiohttp
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.library.keys import USUAL
from bot.web.access import web_of
from bot.web.feeds import base_of
from pipeline.errors import Missing, Refused, Unwell

router = APIRouter(include_in_schema=False)
DISCORD = "https://discord.com"
HOLDS_S = 12 * 3_600
"""How long a key made by signing in holds."""
STATE, STATE_S = "echotales_state", 600
_WITHIN_S = 10.0


@router.get("/web/discord")
async def out(request: Request) -> Response:
    """Lead to Discord, which asks the member whether we may know who they are."""
    settings = web_of(request).settings
    if not settings.web_client_id:
        raise Missing("page_unknown")
    state = secrets.token_urlsafe(24)
    asked = {"client_id": settings.web_client_id, "response_type": "code", "scope": "identify", "state": state}
    back = urlencode(asked | {"redirect_uri": f"{base_of(request)}/web/signed_in"})
    answer = RedirectResponse(f"{DISCORD}/oauth2/authorize?{back}", 302)
    # Only the browser that went out may come back: a link with somebody else's code signs nobody in.
    secure = base_of(request).startswith("https://")
    answer.set_cookie(
        STATE, state, max_age=STATE_S, httponly=True, samesite="lax", secure=secure, path="/web/signed_in"
    )
    return answer


@router.get("/web/signed_in")
async def back(request: Request, code: str = "", state: str = "") -> Response:
    """Make a key for whom Discord says it is, and hand it to the studio, out of sight of any server's log."""
    web = web_of(request)
    known = request.cookies.get(STATE, "")
    if (
        not web.settings.web_client_id
        or not code
        or not known
        or not secrets.compare_digest(known.encode(), state.encode())
    ):
        raise Refused("link_wrong")
    member = await _member(request, code[:200])
    await web.library.keys.remove_over()
    key = await web.library.keys.make(member, "", "Discord", USUAL, web.clock() + HOLDS_S)
    answer = RedirectResponse(f"/studio#key={key}", 302)
    answer.delete_cookie(STATE, path="/web/signed_in")
    return answer


async def _member(request: Request, code: str) -> str:
    settings = web_of(request).settings
    form = {
        "client_id": settings.web_client_id,
        "client_secret": settings.web_client_secret,
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": f"{base_of(request)}/web/signed_in",
    }
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_WITHIN_S), raise_for_status=True) as http:
            async with http.post(f"{DISCORD}/api/oauth2/token", data=form) as answer:
                token = str((await answer.json())["access_token"])
            async with http.get(f"{DISCORD}/api/users/@me", headers={"Authorization": f"Bearer {token}"}) as answer:
                return str((await answer.json())["id"])
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError) as error:
        raise Unwell("sign_in_failed", why=type(error).__name__) from error
