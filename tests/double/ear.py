"""A small receiver on discord.py."""

from __future__ import annotations

import collections
from typing import Any

import davey
import discord
from discord.voice_state import VoiceConnectionState

from tests.discord_double.members import opus
from tests.discord_double.voice import rtp
from tests.discord_double.voice.rtp import OPUS, SILENCE, Frame

HELD_MOST = 50


class Ear(discord.VoiceClient):
    """Hears frames by user; it knows nothing of lost packets and leaves what it cannot open."""

    def __init__(self, client: discord.Client, channel: discord.abc.Connectable) -> None:
        opus.load()
        self.heard: dict[int, list[Frame]] = collections.defaultdict(list)
        self.counts: collections.Counter[str] = collections.Counter()
        self.told: list[int] = []  # opcodes of the JSON messages
        self._users: dict[int, int] = {}
        self._held: dict[int, list[Frame]] = collections.defaultdict(list)
        super().__init__(client, channel)
        self._connection.add_socket_listener(self._packet)

    def create_connection_state(self) -> VoiceConnectionState:
        return VoiceConnectionState(self, hook=self._hook)

    def frames_of(self, user_id: int) -> list[bytes]:
        return [each.payload for each in self.heard[user_id]]

    async def _hook(self, socket: Any, message: dict[str, Any]) -> None:
        op, data = message["op"], message.get("d") or {}
        self.told.append(op)
        if op == 4:
            self._users.clear()
        elif op == 5:
            self._users[data["ssrc"]] = int(data["user_id"])
            for frame in self._held.pop(data["ssrc"], []):
                self._open(frame)

    def _packet(self, data: bytes) -> None:
        if len(data) < 16 or len(data) == 74:
            return
        if 200 <= data[1] <= 206:
            self.counts["reports"] += 1
            return
        state = self._connection
        try:
            frame = rtp.unpack(data, state.mode, bytes(state.secret_key))
        except ValueError:
            self.counts["tampered"] += 1
            return
        if frame.payload_type != OPUS:
            self.counts["other"] += 1
        elif not frame.payload:
            self.counts["empty"] += 1
        elif frame.ssrc not in self._users:
            self.counts["held"] += 1
            self._held[frame.ssrc] = [*self._held[frame.ssrc][-HELD_MOST:], frame]
        else:
            self._open(frame)

    def _open(self, frame: Frame) -> None:
        user_id, state = self._users[frame.ssrc], self._connection
        session = state.dave_session
        payload = frame.payload
        if payload != SILENCE and session is not None and state.dave_protocol_version:
            try:
                payload = session.decrypt(user_id, davey.MediaType.audio, payload)
            except ValueError as error:
                self.counts[str(error).split("(", maxsplit=1)[0]] += 1
                return
        self.heard[user_id].append(Frame(frame.ssrc, frame.sequence, frame.timestamp, payload))
