"""discord.py's private parts, all of them."""

from __future__ import annotations

import contextlib
import ctypes.util
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import davey
import discord
import discord.opus
from discord.voice_state import ConnectionFlowState, VoiceConnectionState

from pipeline.errors import Unwell

OpHeard = Callable[[int, dict[str, Any]], None]
"""Told of every JSON message of the voice gateway: its opcode and data."""
Packet = Callable[[bytes], None]
"""Told of every datagram, on the reading thread."""
_STATE = (
    *("dave_session", "dave_protocol_version", "secret_key", "mode", "ssrc", "socket", "ws", "timeout"),
    *("can_encrypt", "disconnect", "soft_disconnect", "_create_socket", "add_socket_listener", "state"),
)
_CLIENT = ("create_connection_state", "send_audio_packet", "_connection", "_player")


def check_inside() -> None:
    """Raises Unwell `discord_changed` where this discord.py is not the one these rooms were written for."""
    lacking = [
        name
        for kind, names in ((VoiceConnectionState, _STATE), (discord.VoiceClient, _CLIENT))
        for name in names
        if name not in {*dir(kind), *kind.__init__.__code__.co_names}
    ]
    if lacking:
        raise Unwell("discord_changed", version=discord.__version__, lacking=", ".join(lacking))


def load_opus() -> None:
    """Make libopus known to discord.py, once: the one that the sound library brings."""
    if discord.opus.is_loaded():
        return
    if sys.platform == "win32":
        discord.opus._load_default()
        return
    import av

    beside = Path(av.__file__).parent
    found = [*beside.parent.glob("av.libs/libopus-*.so*"), *beside.glob(".dylibs/libopus*.dylib")]
    discord.opus.load_opus(str(found[0]) if found else ctypes.util.find_library("opus") or "libopus.so.0")


class Line(discord.VoiceClient):
    """One connection to a call, with what a listener and a watchdog must know of it."""

    def __init__(self, client: discord.Client, channel: discord.abc.Connectable) -> None:
        load_opus()
        self.on_op: list[OpHeard] = []
        super().__init__(client, channel)

    def create_connection_state(self) -> VoiceConnectionState:
        """Ours, which leaves no thread behind on a dead socket."""
        return _Connection(self, hook=self._heard_op)

    @property
    def keyed(self) -> bool:
        """Whether what we send can be opened by the others: keys are agreed on, or none are needed."""
        state = self._connection
        return (
            state.is_connected() and bool(state.secret_key) and (not state.dave_protocol_version or state.can_encrypt)
        )

    @property
    def dave(self) -> davey.DaveSession | None:
        """The end-to-end encryption of this call; None where it has none."""
        state = self._connection
        return state.dave_session if state.dave_protocol_version else None

    @property
    def transport(self) -> tuple[str, bytes]:
        """Mode and key under which datagrams travel."""
        state = self._connection
        return str(state.mode), bytes(state.secret_key or b"")

    @property
    def settled(self) -> bool:
        """Whether discord.py itself believes that nothing is going on with the connection."""
        return self._connection.state in (ConnectionFlowState.connected, ConnectionFlowState.disconnected)

    def hear_packets(self, packet: Packet) -> None:
        """From now on hand every datagram to `packet`, on the reading thread."""
        self._connection.add_socket_listener(packet)

    def unhear_packets(self, packet: Packet) -> None:
        """And no more."""
        self._connection.remove_socket_listener(packet)

    async def _heard_op(self, _: Any, message: dict[str, Any]) -> None:
        for each in self.on_op:
            each(message["op"], message.get("d") or {})


class _Connection(VoiceConnectionState):
    """As discord.py's, but a socket is shut before it is given up.

    The reading thread waits up to 30 s on a socket that was only closed, and a new handshake waits for that thread.
    """

    async def disconnect(self, *, force: bool = True, cleanup: bool = True, wait: bool = False) -> None:
        self._shut()
        await super().disconnect(force=force, cleanup=cleanup, wait=wait)

    async def soft_disconnect(
        self, *, with_state: ConnectionFlowState = ConnectionFlowState.got_both_voice_updates
    ) -> None:
        self._shut()
        await super().soft_disconnect(with_state=with_state)

    def _create_socket(self) -> None:
        self._shut()
        super()._create_socket()

    def _shut(self) -> None:
        # Not there yet, not connected yet, or closed already: then nobody waits on it.
        with contextlib.suppress(AttributeError, OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
