"""A Discord in a box, on loopback."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from tests.discord_double import names
from tests.discord_double.clock import Clock
from tests.discord_double.faults import Faults
from tests.discord_double.gateway.hub import Hub
from tests.discord_double.gateway.session import Session
from tests.discord_double.gateway.socket import GatewaySocket
from tests.discord_double.house import House
from tests.discord_double.interactions import Interactions
from tests.discord_double.limits import Limits
from tests.discord_double.members.asking import Attachment
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.people import Application
from tests.discord_double.post import Post
from tests.discord_double.rest.desk import Desk
from tests.discord_double.tls import Tls
from tests.discord_double.voice.hall import Hall
from tests.discord_double.voice.media import Media
from tests.discord_double.voice.socket import VoiceSocket
from tests.discord_double.world import World

BODY_MOST = 256 << 20  # the double refuses what is too large itself, in Discord's words
STOP_WITHIN_S = 1.0


class LoopbackDiscord:
    """The server in a box: `async with LoopbackDiscord() as discord: ...`."""

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        bot: str = "EchoTales",
        privileged_intents: int = 0,
        gateway_beats_s: float = 41.25,
        voice_beats_s: float = 13.75,
    ) -> None:
        self.clock = clock or Clock()
        self.world = World(self.clock)
        self.hall = Hall(self.world)
        self.hub = Hub(self.world, self.hall)
        self.limits = Limits(self.clock)
        self.faults = Faults()
        self.gateway_away = False
        """Whether nobody is let in there; who is inside already stays."""
        post = Post(self.world)
        house = House(self.world, post, Interactions(self.world, post), self.limits, self.faults, self.hall)
        self.house = house
        self.desk = Desk(house)
        self.bot = self.world.application(bot, privileged_intents)
        self.port = 0
        self._gateway_beats_s, self._voice_beats_s = gateway_beats_s, voice_beats_s
        self._media = Media()
        self._tls = Tls(names.HOSTS)
        self._neighbourhoods: list[Neighbourhood] = []
        self._sockets: set[web.WebSocketResponse] = set()
        self._runner: web.AppRunner | None = None

    @property
    def token(self) -> str:
        return self.bot.token

    @property
    def authority(self) -> Path:
        """The certificate that clients must trust, for those that are told by file."""
        return self._tls.authority

    def tls(self) -> ssl.SSLContext:
        """A context that trusts the double and nobody else."""
        return self._tls.client()

    def connector(self) -> aiohttp.TCPConnector:
        """What an aiohttp client must be given: Discord's names lead here, every other name is refused."""
        return aiohttp.TCPConnector(limit=0, ssl=self._tls.client(), resolver=names.LoopbackResolver(self.port))

    def guild(self, name: str = "Loopback", *, tier: int = 0, locale: str = "en-US") -> Neighbourhood:
        """A guild with a text and a voice channel, the bot in it; its boost tier sets the upload limit."""
        fresh = Neighbourhood(self.house, name, [self.bot], tier=tier, locale=locale)
        self._neighbourhoods.append(fresh)
        return fresh

    def application(self, name: str, privileged_intents: int = 0) -> Application:
        """One more bot."""
        return self.world.application(name, privileged_intents)

    def file(self, name: str, data: bytes) -> Attachment:
        return Attachment(name, data)

    def sessions(self, bot: Application | None = None) -> list[Session]:
        return self.hub.of(bot or self.bot)

    def drop_gateway(self, code: int = 4000) -> None:
        """Close the bot's gateway connections."""
        for session in self.sessions():
            session.close(code)

    def ask_reconnect(self) -> None:
        """Opcode 7: the bot should reconnect and resume."""
        for session in self.sessions():
            session.send(7)

    def invalidate(self) -> None:
        """Opcode 9: the session is over, the bot must identify anew."""
        for session in self.sessions():
            self.hub.sessions.pop(session.id)
            session.send(9, False)

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=BODY_MOST)
        application.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=STOP_WITHIN_S)
        await self._runner.setup()
        await web.TCPSite(self._runner, names.LOOPBACK, 0, ssl_context=self._tls.server).start()
        self.port = int(self._runner.addresses[0][1])
        await self._media.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self._neighbourhoods:
            await each.empty()
        await asyncio.gather(*(socket.close(code=1001) for socket in list(self._sockets)), return_exceptions=True)
        self._media.close()
        if self._runner is not None:
            await self._runner.cleanup()
        self._tls.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        host = request.host.partition(":")[0]
        local = host == names.LOCAL  # clients that cannot be given a resolver come by path
        if host == names.GATEWAY or (local and request.path.startswith("/gateway")):
            return await self._gateway(request)
        if host in (names.VOICE, names.OTHER_VOICE) or (local and request.path.startswith("/voice")):
            return await self._voice(request)
        if host in (names.CDN, names.MEDIA):
            return self._file(request)
        return await self.desk.handle(request)

    async def _gateway(self, request: web.Request) -> web.StreamResponse:
        if self.gateway_away:
            return web.Response(status=503)
        socket = await self._socket(request)
        await GatewaySocket(self.world, self.hub, self.hall, request, socket, self._gateway_beats_s).serve()
        self._sockets.discard(socket)
        return socket

    async def _voice(self, request: web.Request) -> web.WebSocketResponse:
        socket = await self._socket(request)
        await VoiceSocket(self.world, self.hall, self._media, request, socket, self._voice_beats_s).serve()
        self._sockets.discard(socket)
        return socket

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        self._sockets.add(socket)
        return socket

    def _file(self, request: web.Request) -> web.Response:
        data = self.world.files.get(request.path)
        if data is None:
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=data, content_type="application/octet-stream")
