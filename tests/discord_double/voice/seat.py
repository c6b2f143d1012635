"""A client's seat in a call."""

from __future__ import annotations

import asyncio
import json
import secrets
import struct
from collections import deque
from collections.abc import Callable

from aiohttp import web

from tests.discord_double.refusal import Json
from tests.discord_double.voice import rtp, sealing
from tests.discord_double.voice.opcodes import UNNUMBERED, Op
from tests.discord_double.voice.participant import Participant
from tests.discord_double.voice.room import Room
from tests.discord_double.voice.rtp import Frame

Address = tuple[str, int]
KEPT_FOR_RESUME = 500


class Seat(Participant):
    """A real client: what it is told waits in an outbox until its socket takes it, and is kept for a resume."""

    def __init__(self, user_id: int, room: Room, send_datagram: Callable[[bytes, Address], None]) -> None:
        super().__init__(user_id, room.next_ssrc())
        self.room = room
        self.key = secrets.token_bytes(32)
        self.mode: str | None = None
        self.address: Address | None = None
        self.open = False
        self.holder: web.WebSocketResponse | None = None  # the socket that has the seat now
        self.sent = 0  # datagrams to the client
        self.received = 0  # frames of the client's that opened
        self.tampered = 0  # and that did not
        self.keepalives = 0
        self._send_datagram = send_datagram
        self._numbered: deque[tuple[int, str | bytes]] = deque(maxlen=KEPT_FOR_RESUME)
        self._sequence = 0
        self._outbox: asyncio.Queue[str | bytes | int] = asyncio.Queue()

    def text(self, op: Op, data: Json | None) -> None:
        message: Json = {"op": int(op), "d": data}
        if op in UNNUMBERED:
            self._outbox.put_nowait(json.dumps(message))
            return
        self._sequence += 1
        self._keep(json.dumps(message | {"seq": self._sequence}))

    def binary(self, op: Op, body: bytes) -> None:
        self._sequence += 1
        self._keep(struct.pack(">HB", self._sequence, op) + body)

    def hear(self, sender: Participant, frame: Frame) -> None:
        if self.address is None or self.mode is None:
            return
        if sender.sky.report_due:
            self.sent += 1
            report = rtp.sender_report(sender.ssrc, frame.timestamp, self.mode, self.key, self.sent)
            self._send_datagram(report, self.address)
        self.sent += 1
        self._send_datagram(rtp.pack(frame, self.mode, self.key, self.sent), self.address)

    def forged(self, data: bytes) -> None:
        """Let anything reach the client, as a hostile network would."""
        if self.address is not None:
            self._send_datagram(data, self.address)

    def datagram(self, data: bytes) -> None:
        """A packet of the client's, forwarded when it opens and is its own."""
        if self.mode is None:
            return
        try:
            frame = rtp.unpack(data, self.mode, self.key)
        except (rtp.Malformed, sealing.Tampered):
            self.tampered += 1
            return
        if frame.ssrc != self.ssrc:
            self.room.violations.append(f"{self.user_id} sent under a foreign SSRC")
            return
        self.received += 1
        self.room.forward(self, frame)

    def close(self, code: int) -> None:
        """Close the socket once everything before has gone out."""
        self.open = False
        self._outbox.put_nowait(code)

    async def serve(self, socket: web.WebSocketResponse) -> None:
        """Send what waits in the outbox, until the socket is closed from here."""
        self.open, self.holder = True, socket
        while True:
            parcel = await self._outbox.get()
            if isinstance(parcel, int):
                await socket.close(code=parcel)
                return
            if socket.closed:
                return
            if isinstance(parcel, str):
                await socket.send_str(parcel)
            else:
                await socket.send_bytes(parcel)

    def resume(self, last_seen: int) -> bool:
        """Put what the client missed back into a fresh outbox; False when it was not kept."""
        missed = [(number, parcel) for number, parcel in self._numbered if number > last_seen]
        if missed and missed[0][0] != last_seen + 1:
            return False
        self._outbox = asyncio.Queue()
        for _, parcel in missed:
            self._outbox.put_nowait(parcel)
        self.text(Op.RESUMED, None)
        return True

    def _keep(self, parcel: str | bytes) -> None:
        self._numbered.append((self._sequence, parcel))
        self._outbox.put_nowait(parcel)
