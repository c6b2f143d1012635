"""The gateway's WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import zlib
from collections import deque
from collections.abc import Callable

from aiohttp import WSMsgType, web

from tests.discord_double import shapes
from tests.discord_double.gateway import intents
from tests.discord_double.gateway.hub import Hub
from tests.discord_double.gateway.session import Session
from tests.discord_double.people import Guild
from tests.discord_double.refusal import Json
from tests.discord_double.rest.applications import gateway_url
from tests.discord_double.voice.hall import Hall
from tests.discord_double.world import World

HEARTBEAT, IDENTIFY, PRESENCE, VOICE_STATE, RESUME, RECONNECT, MEMBERS, INVALID, HELLO, ACK = (
    1,
    2,
    3,
    4,
    6,
    7,
    8,
    9,
    10,
    11,
)
LATE_AFTER = 2  # intervals, in real time: a heart beats in the client's own
SENDS_MOST, SENDS_PER_S = 120, 60.0
CHUNK = 1000
ENDS_THE_SESSION = (1000, 1001)
log = logging.getLogger(__name__)


class Refused(Exception):
    """The connection ends with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class GatewaySocket:
    """One connection of one bot."""

    def __init__(
        self, world: World, hub: Hub, hall: Hall, request: web.Request, socket: web.WebSocketResponse, beats_s: float
    ) -> None:
        self._world, self._hub, self._hall, self._socket, self._beats_s = world, hub, hall, socket, beats_s
        self._host = request.host
        self._version, self._encoding = request.query.get("v", "10"), request.query.get("encoding", "json")
        self._deflate = zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None
        self._session: Session | None = None
        self._sender: asyncio.Task[None] | None = None
        self._closed_here = False  # by the double, whatever code the client echoes
        self._received_s: deque[float] = deque()
        self._acts: dict[int, Callable[[Json], None]] = {
            VOICE_STATE: self._voice_state,
            MEMBERS: self._members,
            PRESENCE: lambda data: None,
        }

    async def serve(self) -> None:
        """Greet, then take payloads until either side closes."""
        hello = {
            "op": HELLO,
            "d": {"heartbeat_interval": round(self._beats_s * 1000), "_trace": []},
            "s": None,
            "t": None,
        }
        await self._write(hello)
        code = 4000
        try:
            if self._version not in ("9", "10") or self._encoding != "json":
                raise Refused(4012)
            await self._take_payloads()
        except Refused as refused:
            code, self._closed_here = refused.code, True
        except (json.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
            log.debug("a payload that cannot be read", exc_info=True)
            code = 4002
        finally:
            with contextlib.suppress(ConnectionError):
                await self._socket.close(code=code)
            await self._end()

    async def _take_payloads(self) -> None:
        while not self._socket.closed:
            try:
                message = await self._socket.receive(timeout=LATE_AFTER * self._beats_s)
            except TimeoutError:
                raise Refused(4009) from None
            if message.type is not WSMsgType.TEXT:
                return
            self._count()
            await self._take(json.loads(message.data))

    def _count(self) -> None:
        """More than 120 payloads in a minute end the connection."""
        now_s = self._world.clock.now_s()
        self._received_s.append(now_s)
        while self._received_s[0] < now_s - SENDS_PER_S:
            self._received_s.popleft()
        if len(self._received_s) > SENDS_MOST:
            raise Refused(4008)

    async def _take(self, payload: Json) -> None:
        op, data = int(payload["op"]), payload.get("d") or {}
        if op == HEARTBEAT:
            await self._write({"op": ACK, "d": None, "s": None, "t": None})
        elif op == IDENTIFY:
            self._identify(data)
        elif op == RESUME:
            await self._resume(data)
        elif op not in self._acts:
            raise Refused(4001)
        elif self._session is None:
            raise Refused(4003)
        else:
            self._acts[op](data)

    def _identify(self, data: Json) -> None:
        if self._session is not None:
            raise Refused(4005)
        bot = self._world.by_token(data["token"].removeprefix("Bot "))
        if bot is None:
            raise Refused(4004)
        wanted = data["intents"]
        if not isinstance(wanted, int) or wanted & ~intents.LAWFUL:
            raise Refused(4013)
        if wanted & intents.PRIVILEGED & ~bot.privileged_intents:
            raise Refused(4014)
        number, of = data.get("shard") or (0, 1)
        if not 0 <= number < of:
            raise Refused(4010)
        if not self._properties_told(data):
            raise Refused(4002)
        self._hall.hosts.pop(bot.id, None)
        if self._host.startswith("localhost"):
            self._hall.hosts[bot.id] = self._host
        self._start(self._hub.identify(bot, wanted, (number, of), gateway_url(self._host)))

    def _properties_told(self, data: Json) -> bool:
        return {"os", "browser", "device"} <= {each.lstrip("$") for each in data["properties"]}

    async def _resume(self, data: Json) -> None:
        session = self._hub.resume(data["session_id"], data["token"].removeprefix("Bot "), int(data["seq"]))
        if session is None:
            await self._write({"op": INVALID, "d": False, "s": None, "t": None})
            return
        self._start(session)

    def _start(self, session: Session) -> None:
        self._session = session
        session.holder = self._socket
        self._sender = asyncio.create_task(self._send_outbox(session), name="gateway outbox")

    async def _send_outbox(self, session: Session) -> None:
        while True:
            payload = await session.outbox.get()
            if isinstance(payload, int):
                self._closed_here = True
                await self._socket.close(code=payload)
                return
            if self._socket.closed:
                return
            await self._write(payload)

    async def _write(self, payload: Json) -> None:
        with contextlib.suppress(ConnectionError):
            if self._deflate is None:
                await self._socket.send_str(json.dumps(payload))
            else:
                packed = self._deflate.compress(json.dumps(payload).encode())
                await self._socket.send_bytes(packed + self._deflate.flush(zlib.Z_SYNC_FLUSH))

    def _voice_state(self, data: Json) -> None:
        session = self._known()
        guild = self._world.guilds.get(int(data["guild_id"]))
        if guild is not None and session.bot.id in guild.members:
            self._hall.request(guild, guild.members[session.bot.id], data)

    def _members(self, data: Json) -> None:
        """Opcode 8: the members of a guild, in chunks."""
        session = self._known()
        guild = self._world.guilds.get(int(data["guild_id"]))
        if guild is None or session.bot.id not in guild.members:
            return
        everybody = data.get("query") == "" and not data.get("limit")
        if everybody and not session.intents & intents.Intent.GUILD_MEMBERS:
            raise Refused(4014)
        found = self._matching(guild, data)
        pieces = [found[at : at + CHUNK] for at in range(0, len(found), CHUNK)] or [[]]
        for number, piece in enumerate(pieces):
            chunk: Json = {"guild_id": str(guild.id), "members": piece, "chunk_index": number}
            chunk |= {"chunk_count": len(pieces), "not_found": [], "nonce": data.get("nonce")}
            session.dispatch("GUILD_MEMBERS_CHUNK", chunk)

    def _matching(self, guild: Guild, data: Json) -> list[Json]:
        wanted = data.get("user_ids") or []
        ids = {str(each) for each in (wanted if isinstance(wanted, list) else [wanted])}
        start = (data.get("query") or "").lower()
        chosen = [
            each
            for each in guild.members.values()
            if (str(each.user.id) in ids if ids else each.user.name.lower().startswith(start))
        ]
        most = int(data.get("limit") or 0) or len(chosen)
        return [shapes.member(each) for each in chosen[:most]]

    def _known(self) -> Session:
        if self._session is None:
            raise Refused(4003)
        return self._session

    async def _end(self) -> None:
        """1000 and 1001 from the client end the session; anything else leaves it to be resumed."""
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.gather(self._sender, return_exceptions=True)
        session = self._session
        if session is None or session.holder is not self._socket or session.id not in self._hub.sessions:
            return
        if not self._closed_here and self._socket.close_code in ENDS_THE_SESSION:
            self._hub.end(session)
        else:
            self._hub.drop(session)
