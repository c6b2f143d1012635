"""Pages for browsers."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import shutil
import socket
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from bot.library.keys import KeptKey, KeyScope
from bot.library.records import Viewer
from bot.web.access import needs, web_of
from bot.web.answers import locale_of
from bot.web.shape import brief
from bot.wording import language_of
from pipeline.errors import Missing
from pipeline.places import DATA
from pipeline.road.door import lives
from pipeline.tables import FALLBACK
from pipeline.wording import table_of

router = APIRouter(include_in_schema=False)
FOLDER = DATA / "web"
_KINDS = {".css": "text/css", ".js": "text/javascript", ".py": "text/x-python"}
_INLINE = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)
Reviewer = Annotated[KeptKey, Depends(needs(KeyScope.REVIEW))]


@router.get("/")
async def front() -> Response:
    """Lead to the studio."""
    return RedirectResponse("/studio", 302)


@router.get("/studio")
async def studio() -> Response:
    """Give the studio page."""
    return _page("studio.html")


@router.get("/docs")
async def docs() -> Response:
    """Give the page of all routes."""
    return _page("docs.html")


@router.get("/t/{tale}")
async def player(tale: str) -> Response:
    """Give the player; what it shows is asked for by the link's own signature."""
    _ = tale
    return _page("player.html")


@router.get("/web/words.json")
async def words(request: Request) -> JSONResponse:
    """Give the words of the pages in the reader's language."""
    locale = language_of(locale_of(request))
    said = table_of(FALLBACK)["web"]["words"] | table_of(locale).get("web", {}).get("words", {})
    discord = bool(web_of(request).settings.web_client_id)
    return JSONResponse({**said, "code": locale, "discord": discord}, headers={"Vary": "Accept-Language"})


@router.get("/web/{name}")
async def piece(name: str) -> Response:
    """Give what the pages share; the worker may serve the whole site."""
    known = {path.name: path for path in FOLDER.iterdir() if path.suffix in _KINDS}
    if name not in known:
        raise Missing("page_unknown")
    headers = {"Service-Worker-Allowed": "/", "Cache-Control": "no-cache"}
    return Response(known[name].read_bytes(), media_type=_KINDS[known[name].suffix], headers=headers)


@router.get("/v1/review", include_in_schema=True, tags=["tales"])
async def review(request: Request, key: Reviewer) -> dict[str, Any]:
    """Show the newest tales of the key's server and how the machine is, for who looks after both."""
    web = web_of(request)
    every = Viewer(key.member, key.server, await web.library.tales.channels(key.server))
    found = await web.library.tales.of_server(every) if key.server else await web.library.tales.of_member(every)
    standing = await web.now.standing()
    free = shutil.disk_usage(web.places.home).free
    waiting = await web.door.in_line()
    health = {
        "executor": await asyncio.to_thread(lives, web.places.state, socket.gethostname()),
        "profile": standing.profile if standing else "",
        "free_gb": round(free / 1e9, 1),
        "waiting": sum(waiting.values()),
    }
    return {"health": health, "data": [brief(one, web.links, web.clock()) for one in found.tales]}


def _page(name: str) -> Response:
    text, policy = _read(name)
    return Response(
        text, media_type="text/html", headers={"Content-Security-Policy": policy, "Cache-Control": "no-cache"}
    )


@cache
def _read(name: str) -> tuple[str, str]:
    """Return a page with the policy under which its own scripts run, and no others."""
    text = (FOLDER / name).read_text("utf-8")
    hashes: dict[str, list[str]] = {"script": [], "style": []}
    for kind, inside in _INLINE.findall(text):
        hashes[kind].append(f"'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'")
    parts = {
        "default-src": "'none'", "script-src": " ".join(["'self'", *hashes["script"]]),
        "style-src": " ".join(["'self'", *hashes["style"]]), "img-src": "'self' data:", "media-src": "'self' blob:",
        "connect-src": "'self'", "worker-src": "'self'", "form-action": "'none'", "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }  # fmt: skip
    return text, "; ".join(f"{name} {value}" for name, value in parts.items())
