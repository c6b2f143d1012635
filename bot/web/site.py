"""The open door's site."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web import edits, feeds, pages, sign_in, sound, tales
from bot.web.answers import failed
from bot.web.services import WebServices
from bot.wording import said
from pipeline.errors import Missing, Refused, TaleError
from pipeline.log import log_of
from pipeline.tables import FALLBACK

MOST_BODY_BYTES = 27_000_000
MOST_JSON_BYTES = 400_000
"""More than the longest text that can be told, with its escapes."""
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
log = log_of("web")


def site_of(web: WebServices) -> FastAPI:
    """Return the whole site, with its OpenAPI page at /docs."""
    about = said("web.about", FALLBACK)
    site = FastAPI(
        title="EchoTales",
        description=about,
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    site.state.web = web
    for router in (edits.router, tales.router, sound.router, feeds.router, sign_in.router, pages.router):
        site.include_router(router)
    site.add_exception_handler(TaleError, _refused)
    site.add_exception_handler(RequestValidationError, _unreadable)
    site.add_exception_handler(HTTPException, _no_page)
    site.add_middleware(Threshold)
    return site


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, TaleError), "registered for these alone"
    return failed(error, request)


async def _unreadable(request: Request, error: Exception) -> JSONResponse:
    """Say which field does not fit; never the value, which is somebody's words."""
    assert isinstance(error, RequestValidationError), "registered for these alone"
    first = error.errors()[0]
    where = ".".join(str(one) for one in first["loc"] if one not in ("body", "query", "path"))
    return failed(Refused("request_unreadable", why=f"{where}: {first['msg']}" if where else first["msg"]), request)


async def _no_page(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException), "registered for these alone"
    if error.status_code == 404:
        return failed(Missing("page_unknown"), request)
    answer = failed(Refused("request_unreadable", why=str(error.detail)), request)
    answer.status_code = error.status_code
    return answer


class Threshold:
    """What every request passes: bounds of its size, safe headers, and a sentence for whatever breaks."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = False

        async def tell(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                message["headers"] = [*message["headers"], *((k.lower().encode(), v.encode()) for k, v in SAFE.items())]
            await send(message)

        try:
            await self._app(scope, _bounded(scope, receive), tell)
        except ClientDisconnect:
            log.debug("client_gone")
        except TaleError as error:
            # Sound that was cut short: the connection is closed before its end, so that nobody takes it for whole.
            log.warning("answer_broke", code=error.code, path=scope["path"][:80])
            if not began:
                await failed(error, Request(scope))(scope, receive, send)
        except Exception as error:
            log.exception("request_broke", why=type(error).__name__)
            if not began:
                await failed(TaleError("request_broke"), Request(scope))(scope, receive, send)


def _bounded(scope: Scope, receive: Receive) -> Receive:
    """Raise Refused `body_too_big` for a request that sends more than any may."""
    kinds = [value for name, value in scope["headers"] if name == b"content-type"]
    most = MOST_BODY_BYTES if kinds and kinds[0].startswith(b"multipart/") else MOST_JSON_BYTES
    got = 0

    async def bounded() -> Any:
        nonlocal got
        message = await receive()
        if message["type"] == "http.request":
            got += len(message.get("body", b""))
            if got > most:
                raise Refused("body_too_big", most_mb=round(most / 1e6, 1))
        return message

    return bounded
