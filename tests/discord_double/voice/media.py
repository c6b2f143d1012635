"""The datagrams of all calls."""

from __future__ import annotations

import asyncio
import socket
import struct

from tests.discord_double import names
from tests.discord_double.voice.seat import Address, Seat

DISCOVERY_BYTES, KEEPALIVE_BYTES = 74, 8
DISCOVERY_REQUEST = struct.pack(">HH", 1, 70)
DISCOVERY_ANSWER = struct.pack(">HH", 2, 70)
RECEIVE_BUFFER_BYTES = 4 << 20


class Media(asyncio.DatagramProtocol):
    """One UDP socket for every call: a client is known by the address it was discovered under."""

    def __init__(self) -> None:
        self.port = 0
        self.strays = 0  # datagrams of nobody
        self._transport: asyncio.DatagramTransport | None = None
        self._expected: dict[int, list[Seat]] = {}
        self._seats: dict[Address, Seat] = {}

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        channel = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        channel.bind((names.LOOPBACK, 0))
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=channel)
        self.port = channel.getsockname()[1]

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def expect(self, seat: Seat) -> None:
        """A client was given this SSRC and will ask for its address under it."""
        self._expected.setdefault(seat.ssrc, []).append(seat)

    def send(self, data: bytes, address: Address) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, address)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if len(data) == DISCOVERY_BYTES and data.startswith(DISCOVERY_REQUEST):
            self._discover(data, addr)
            return
        seat = self._seats.get(addr)
        if seat is None:
            self.strays += 1
        elif len(data) == KEEPALIVE_BYTES:
            seat.keepalives += 1
            self.send(data, addr)
        else:
            seat.datagram(data)

    def _discover(self, data: bytes, addr: Address) -> None:
        waiting = self._expected.get(int.from_bytes(data[4:8], "big"))
        if not waiting:
            self.strays += 1
            return
        seat = waiting.pop()
        self._seats[addr] = seat
        seat.address = addr
        self.send(DISCOVERY_ANSWER + data[4:8] + addr[0].encode().ljust(64, b"\0") + struct.pack(">H", addr[1]), addr)
