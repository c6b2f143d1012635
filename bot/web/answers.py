"""Errors and files as answers."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from bot.gate.word_filter import DANGER, HARMFUL, help_lines
from bot.wording import language_of
from pipeline.errors import Damaged, Missing, Refused, TaleError
from pipeline.tables import FALLBACK
from pipeline.wording import sentence
from pipeline.words.prompt import Harm

STATUS = {
    "key_missing": 401, "key_wrong": 401, "key_flood": 429, "key_scope": 403, "link_wrong": 403, "link_over": 403,
    "body_too_big": 413, "sound_too_big": 413, "tale_gone": 404, "page_unknown": 404, "tale_untold": 409,
    "edit_open": 409, "member_has_enough": 429, "server_has_enough": 429, "bot_has_enough": 429, "gate_flood": 429,
    "gate_blocked": 403, "gate_day": 429, "gate_minute": 429, "gate_server_day": 429, "gate_server_minute": 429,
    "gate_cooldown": 429, "artifact_gone": 410,
}  # fmt: skip
"""Where a code needs another status than its kind of error."""
_KINDS = ((Refused, 400), (Missing, 404), (Damaged, 500))
_UNWELL = 503
_DISCORD_TIME = re.compile(r"<t:(\d+):\w>")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")
_CHUNK = 1 << 16
mimetypes.add_type("audio/ogg", ".opus")
mimetypes.add_type("audio/mp4", ".m4b")
mimetypes.add_type("text/vtt", ".vtt")
mimetypes.add_type("audio/flac", ".flac")


def locale_of(request: Request) -> str:
    """Return the first language of the reader that we speak."""
    wanted = request.headers.get("accept-language", "")[:200]
    codes = [one.split(";")[0].strip().lower() for one in wanted.split(",")]
    return next((code for code in codes if code and language_of(code) == code.partition("-")[0]), FALLBACK)


def failed(error: TaleError, request: Request) -> JSONResponse:
    """Return an error as OpenAI's clients read one: its sentence, its code."""
    status = STATUS.get(error.code) or next((code for kind, code in _KINDS if isinstance(error, kind)), _UNWELL)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return JSONResponse(failure(error.code, error.fields, locale_of(request)), status, headers)


def failure(code: str, fields: dict[str, Any], locale: str) -> dict[str, Any]:
    """Return what is said of an error; somebody in danger gets help lines, whatever else was wrong."""
    if code == DANGER or (code == HARMFUL and fields.get("kind") == Harm.DANGER):
        code, fields = DANGER, {"lines": help_lines(locale)}
    # What is said for Discord counts down there; elsewhere it is a moment like any other.
    said = _DISCORD_TIME.sub(
        lambda found: _moment(int(found[1])), sentence(TaleError(code, **fields), language_of(locale))
    )
    return {"error": {"message": said, "type": "invalid_request_error", "param": None, "code": code}}


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def sound_of(data: bytes, suffix: str, request: Request, name: str = "") -> Response:
    """Return a file from memory, or the part of it that a player asks for."""
    kind = mimetypes.guess_type(f"x{suffix}")[0] or "application/octet-stream"
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "private, max-age=3600"}
    if name:
        headers["Content-Disposition"] = f'attachment; filename="{name}{suffix}"'
    found = _RANGE.match(request.headers.get("range", ""))
    if not found or found.groups() == ("", ""):
        return StreamingResponse(_pieces(data, 0, len(data)), 200, headers | _length(len(data)), kind)
    first, last = found.groups()
    start = int(first[:18]) if first else max(0, len(data) - int(last[:18]))
    end = min(len(data), int(last[:18]) + 1) if first and last else len(data)
    if start >= end:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{len(data)}"})
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(data)}"
    return StreamingResponse(_pieces(data, start, end), 206, headers | _length(end - start), kind)


def _length(size: int) -> dict[str, str]:
    return {"Content-Length": str(size)}


class Flow(StreamingResponse):
    """Sound that is made while it is sent: whoever goes away ends the making at once."""

    def __init__(self, content: AsyncGenerator[bytes], media_type: str) -> None:
        super().__init__(content, media_type=media_type)
        self._content = content

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._content.aclose()


async def _pieces(data: bytes, start: int, end: int) -> AsyncIterator[bytes]:
    """Give it piece by piece: a client that reads slowly must not have all of it written for it."""
    view = memoryview(data)
    for at in range(start, end, _CHUNK):
        yield bytes(view[at : min(at + _CHUNK, end)])
