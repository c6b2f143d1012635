"""A voice client of no library's making."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

import aiohttp

from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.neighbourhood import Neighbourhood

ABOUT = {"os": "linux", "browser": "test", "device": "test"}


class RawVoice:
    """Speaks the gateway's JSON by hand, so that every rule can be broken."""

    def __init__(self, double: LoopbackDiscord, guild: Neighbourhood) -> None:
        self._double, self._guild = double, guild
        self._web = aiohttp.ClientSession(connector=double.connector())
        self.state: dict[str, Any] = {}
        self.server: dict[str, Any] = {}
        self.socket: aiohttp.ClientWebSocketResponse
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.datagrams.setblocking(False)

    async def request(self, channel_id: int) -> None:
        """Identify on the gateway and ask for a voice channel."""
        gateway = self._gateway = await self._web.ws_connect("wss://gateway.discord.gg/?v=10&encoding=json")
        told = {"token": self._double.token, "intents": 1 << 7 | 1, "properties": ABOUT}
        await gateway.send_json({"op": 2, "d": told})
        wanted = {
            "guild_id": str(self._guild.id),
            "channel_id": str(channel_id),
            "self_mute": False,
            "self_deaf": False,
        }
        await gateway.send_json({"op": 4, "d": wanted})
        while not (self.state and self.server):
            event = await gateway.receive_json(timeout=5)
            if event["t"] == "VOICE_STATE_UPDATE":
                self.state = event["d"]
            elif event["t"] == "VOICE_SERVER_UPDATE":
                self.server = event["d"]

    async def open(self, version: str = "8") -> None:
        self.socket = await self._web.ws_connect(f"wss://{self.server['endpoint']}/?v={version}")
        assert (await self.next())["op"] == 8

    async def identify(self, **more: Any) -> None:
        told = {
            "server_id": self.server["guild_id"],
            "user_id": self.state["user_id"],
            "session_id": self.state["session_id"],
            "token": self.server["token"],
            "max_dave_protocol_version": 1,
        }
        await self.send(0, told | more)

    async def select(self, ready: dict[str, Any], mode: str = "aead_aes256_gcm_rtpsize", protocol: str = "udp") -> None:
        """Find our own address out, and choose an encryption."""
        ask = struct.pack(">HHI", 1, 70, ready["ssrc"]).ljust(74, b"\0")
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self.datagrams, (ready["ip"], ready["port"]))
        await loop.sock_sendall(self.datagrams, ask)
        answer = await asyncio.wait_for(loop.sock_recv(self.datagrams, 200), 5)
        assert answer[:8] == struct.pack(">HHI", 2, 70, ready["ssrc"])
        port = struct.unpack(">H", answer[-2:])[0]
        assert (answer[8:17], port) == (b"127.0.0.1", self.datagrams.getsockname()[1])
        await self.send(1, {"protocol": protocol, "data": {"address": "127.0.0.1", "port": port, "mode": mode}})

    async def send(self, op: int, data: Any) -> None:
        await self.socket.send_json({"op": op, "d": data})

    async def next(self) -> Any:
        """The next JSON message; binary ones come as (sequence, opcode)."""
        message = await self.socket.receive(timeout=5)
        if message.type is aiohttp.WSMsgType.BINARY:
            return struct.unpack_from(">HB", message.data)
        return message.json()

    async def close_code(self) -> int | None:
        while (await self.socket.receive(timeout=5)).type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            pass
        return self.socket.close_code

    async def close(self) -> None:
        self.datagrams.close()
        await self._web.close()
