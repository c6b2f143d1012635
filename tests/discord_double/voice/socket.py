"""The voice gateway's WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import struct
from collections.abc import Callable

from aiohttp import WSMsgType, web

from tests.discord_double import names
from tests.discord_double.people import Kind
from tests.discord_double.refusal import Json
from tests.discord_double.voice.hall import Hall, Ticket
from tests.discord_double.voice.media import Media
from tests.discord_double.voice.mls_wire import NotMls
from tests.discord_double.voice.opcodes import Close, Op
from tests.discord_double.voice.seat import Seat
from tests.discord_double.world import World

VERSION = "8"
LATE_AFTER = 3  # intervals, in real time: a heart beats in the client's own
log = logging.getLogger(__name__)


class Refused(Exception):
    """The connection ends with this code."""

    def __init__(self, code: Close) -> None:
        super().__init__(code.name)
        self.code = code


class VoiceSocket:
    """One connection of one client."""

    def __init__(
        self,
        world: World,
        hall: Hall,
        media: Media,
        request: web.Request,
        socket: web.WebSocketResponse,
        beats_s: float,
    ) -> None:
        self._world, self._hall, self._media, self._socket, self._beats_s = world, hall, media, socket, beats_s
        self._version = request.query.get("v", "")
        self._seat: Seat | None = None
        self._ticket: Ticket | None = None
        self._sender: asyncio.Task[None] | None = None
        self._on_text: dict[int, Callable[[Json], None]] = {
            Op.IDENTIFY: self._identify,
            Op.SELECT_PROTOCOL: self._select,
            Op.HEARTBEAT: self._heartbeat,
            Op.SPEAKING: self._speaking,
            Op.RESUME: self._resume,
            Op.VIDEO: self._video,
            Op.TRANSITION_READY: self._ready,
            Op.INVALID_COMMIT: self._invalid,
        }

    async def serve(self) -> None:
        """Greet, then take messages until either side closes."""
        hello = {"op": int(Op.HELLO), "d": {"v": int(VERSION), "heartbeat_interval": self._beats_s * 1000}}
        await self._socket.send_str(json.dumps(hello))
        code = Close.TIMED_OUT
        try:
            if self._version != VERSION:
                raise Refused(Close.BAD_REQUEST)
            await self._take_messages()
        except Refused as refused:
            code = refused.code
        except (json.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError, struct.error):
            log.debug("a payload that cannot be read", exc_info=True)
            code = Close.UNDECODABLE
        finally:
            with contextlib.suppress(ConnectionError):
                await self._socket.close(code=code)
            await self._end()

    async def _take_messages(self) -> None:
        while not self._socket.closed:
            try:
                message = await self._socket.receive(timeout=LATE_AFTER * self._beats_s)
            except TimeoutError:
                raise Refused(Close.TIMED_OUT) from None
            if message.type is WSMsgType.BINARY:
                self._take_binary(message.data)
            elif message.type is WSMsgType.TEXT:
                self._take_text(json.loads(message.data))
            else:
                return

    def _take_text(self, message: Json) -> None:
        act = self._on_text.get(message["op"])
        if act is None:
            raise Refused(Close.UNKNOWN_OPCODE)
        if self._seat is None and message["op"] not in (Op.IDENTIFY, Op.RESUME, Op.HEARTBEAT):
            raise Refused(Close.NOT_AUTHENTICATED)
        act(message.get("d") or {})

    def _take_binary(self, data: bytes) -> None:
        seat = self._taken()
        group = seat.room.group
        if group is None:
            return
        try:
            if data[0] == Op.KEY_PACKAGE:
                group.key_package(seat, data[1:])
            elif data[0] == Op.COMMIT_WELCOME:
                group.commit(seat, data[1:])
            else:
                raise Refused(Close.UNKNOWN_OPCODE)
        except NotMls as error:
            seat.room.violations.append(f"{seat.user_id}: {error}")
            raise Refused(Close.BAD_REQUEST) from error

    def _identify(self, data: Json) -> None:
        if self._seat is not None:
            raise Refused(Close.ALREADY_AUTHENTICATED)
        ticket = self._checked_ticket(data)
        guild = self._world.guilds[ticket.guild_id]
        if str(data["user_id"]) != str(ticket.user_id):
            raise Refused(Close.AUTHENTICATION_FAILED)
        channel = guild.channels.get(ticket.channel_id)
        if channel is None:
            raise Refused(Close.SERVER_NOT_FOUND)
        offered = int(data.get("max_dave_protocol_version") or 0)
        if channel.kind is Kind.VOICE and self._hall.encrypts and not offered:
            raise Refused(Close.E2EE_REQUIRED)
        seat = self._seat = Seat(ticket.user_id, self._hall.room(channel), self._media.send)
        self._ticket = ticket
        self._hall.seats[data["token"]] = seat
        self._media.expect(seat)
        self._begin(seat)
        address = {"ip": names.LOOPBACK, "port": self._media.port}
        seat.text(
            Op.READY, {"ssrc": seat.ssrc, "modes": list(self._hall.modes), "experiments": [], "streams": []} | address
        )

    def _checked_ticket(self, data: Json) -> Ticket:
        ticket = self._hall.tickets.get(data["token"])
        if ticket is None or str(data["server_id"]) != str(ticket.guild_id):
            raise Refused(Close.AUTHENTICATION_FAILED)
        member = self._world.guilds[ticket.guild_id].members.get(ticket.user_id)
        state = member.voice if member else None
        if state is None or state.channel_id != ticket.channel_id or data["session_id"] != state.session_id:
            raise Refused(Close.SESSION_INVALID)
        return ticket

    def _select(self, data: Json) -> None:
        seat = self._taken()
        if data["protocol"] != "udp":
            raise Refused(Close.UNKNOWN_PROTOCOL)
        seat.mode = data["data"]["mode"]
        if seat.mode not in self._hall.modes:
            raise Refused(Close.UNKNOWN_MODE)
        group = seat.room.group
        session = {
            "mode": seat.mode,
            "secret_key": list(seat.key),
            "audio_codec": "opus",
            "video_codec": "H264",
            "media_session_id": f"{seat.ssrc:08x}",
            "dave_protocol_version": group.version if group else 0,
        }
        seat.text(Op.SESSION, session)
        seat.room.join(seat)
        self._settle(seat)

    def _settle(self, seat: Seat) -> None:
        """What the server thinks of this member's ears and mouth holds from the start."""
        assert self._ticket is not None
        state = self._world.guilds[self._ticket.guild_id].members[seat.user_id].voice
        if state is not None:
            seat.muted, seat.deafened = state.mute or state.suppress, state.deaf
        self._world.bell.ring()

    def _heartbeat(self, data: Json) -> None:
        if self._seat is None:
            return
        self._seat.text(Op.HEARTBEAT_ACK, {"t": data["t"]})

    def _speaking(self, data: Json) -> None:
        seat = self._taken()
        if data.get("ssrc") not in (None, seat.ssrc):
            seat.room.violations.append(f"{seat.user_id} claims a foreign SSRC")
            raise Refused(Close.BAD_REQUEST)
        seat.room.speaking(seat, int(data["speaking"]))

    def _video(self, data: Json) -> None:
        self._taken()

    def _ready(self, data: Json) -> None:
        seat = self._taken()
        if seat.room.group is not None:
            seat.room.group.ready(seat, int(data["transition_id"]))

    def _invalid(self, data: Json) -> None:
        seat = self._taken()
        if seat.room.group is not None:
            seat.room.group.invalid(seat, int(data["transition_id"]))

    def _resume(self, data: Json) -> None:
        seat = self._hall.seats.get(data["token"])
        self._ticket = self._checked_ticket(data) if seat else None
        if seat is None or not seat.resume(int(data.get("seq_ack", -1))):
            raise Refused(Close.SESSION_INVALID)
        self._seat = seat
        self._begin(seat)

    def _begin(self, seat: Seat) -> None:
        self._sender = asyncio.create_task(seat.serve(self._socket), name="voice outbox")

    def _taken(self) -> Seat:
        if self._seat is None:
            raise Refused(Close.NOT_AUTHENTICATED)
        return self._seat

    async def _end(self) -> None:
        """A client that hangs up leaves the call; one that was cut off keeps its seat for a resume."""
        cut_off = self._sender is not None and self._sender.done()
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.gather(self._sender, return_exceptions=True)
        seat = self._seat
        if seat is None or seat.holder is not self._socket:
            return
        seat.open = False
        if not cut_off:
            seat.room.leave(seat)
        self._world.bell.ring()
