"""The page's web server."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from tests.discord_double import names
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.window.live import Live

PAGE = Path(__file__).with_name("page.html")
FILES = ("/attachments/", "/ephemeral-attachments/")
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src 'self' data:; "
POLICY += "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'"


class Page:
    """Serves one file and one socket, to browsers of this machine alone."""

    def __init__(self, double: LoopbackDiscord, guild: Neighbourhood) -> None:
        self._double, self._guild = double, guild
        self._runner: web.AppRunner | None = None
        self._visitors = 0
        self.port = 0

    async def open(self, port: int) -> None:
        application = web.Application()
        application.router.add_get("/live", self._live)
        application.router.add_get("/{path:.*}", self._get)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, names.LOOPBACK, port).start()
        self.port = int(self._runner.addresses[0][1])

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _get(self, request: web.Request) -> web.Response:
        self._check_host(request)
        if request.path == "/":
            headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
            return web.Response(text=PAGE.read_text(encoding="utf-8"), content_type="text/html", headers=headers)
        data = self._double.world.files.get(request.path) if request.path.startswith(FILES) else None
        if data is None:
            raise web.HTTPNotFound
        return web.Response(body=data, content_type="application/octet-stream")

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        self._check_host(request)
        if request.headers.get("Origin", "").partition("://")[2] != request.host:
            raise web.HTTPForbidden(text="this socket belongs to its own page")
        socket = web.WebSocketResponse(max_msg_size=32 << 20)
        await socket.prepare(request)
        self._visitors += 1
        you = self._guild.member("You" if self._visitors == 1 else f"You {self._visitors}")
        await Live(self._double, self._guild, you, socket).serve()
        return socket

    def _check_host(self, request: web.Request) -> None:
        """A name that was made to point here is not ours."""
        if request.host not in (f"{names.LOOPBACK}:{self.port}", f"{names.LOCAL}:{self.port}"):
            raise web.HTTPForbidden(text="this page is for this machine")
