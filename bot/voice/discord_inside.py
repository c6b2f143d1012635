"""All uses of discord.py's private parts."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes.util
import importlib.util
import inspect
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

import davey
import discord
import discord.client
import discord.opus
import discord.shard
from discord.backoff import ExponentialBackoff
from discord.gateway import DiscordVoiceWebSocket
from discord.ui.view import ViewStore
from discord.voice_state import ConnectionFlowState, SocketReader, VoiceConnectionState

from bot import discord_rest
from pipeline.errors import Missing

Told = Callable[[int, dict[str, Any]], None]
"""Called with opcode and data of each message of the voice gateway."""
Admit = Callable[[discord.Interaction[Any]], Awaitable[bool]]
"""Whether this press, choice or sent form may be looked at."""
# Opcodes of the voice gateway: a session's key, a member's SSRC, a member who left.
SESSION, SPEAKING, CLIENT_GONE = 4, 5, 13
_STALE = 4006
"""The close code of a session that is no longer valid: discord.py begins another in its place."""
_WANTED: Mapping[type, tuple[str, ...]] = {
    discord.VoiceClient: ("create_connection_state", "send_audio_packet"),
    VoiceConnectionState: (
        *("add_socket_listener", "remove_socket_listener", "reinit_dave_session"),
        *("disconnect", "soft_disconnect", "_create_socket", "can_encrypt", "voice_state_update", "send_packet"),
    ),
    DiscordVoiceWebSocket: ("from_connection_state", "poll_event"),
    SocketReader: ("register", "unregister"),
    ViewStore: ("dispatch_view", "dispatch_modal", "add_task"),
}
# Instance attributes: no class shows them, so they are looked for in the source of `__init__`.
_WANTED_WITHIN = (
    "_expecting_disconnect",
    "dave_session",
    "dave_protocol_version",
    "secret_key",
    "ssrc",
    "socket",
    "mode",
)


_MOST_DOUBLINGS = 6
"""Of a second: 2**6 s is about a minute between two tries."""
_PREDICTION_DISABLED = 4042
"""OPUS_SET_PREDICTION_DISABLED of opus_defines.h, which discord.py does not name."""


def check_fits() -> None:
    """Raise Missing `discord_outgrown` where this discord.py's private parts are not those used here."""
    lacks = [
        f"{owner.__name__}.{name}"
        for owner, names in {**_WANTED, **discord_rest.WANTED}.items()
        for name in names
        if not hasattr(owner, name)
    ]
    written = inspect.getsource(VoiceConnectionState.__init__)
    lacks += [f"VoiceConnectionState.{name}" for name in _WANTED_WITHIN if f"self.{name}" not in written]
    if lacks:
        raise Missing("discord_outgrown", version=discord.__version__, lacks=", ".join(lacks))


def load_opus() -> None:
    """Make libopus known to discord.py, once: the one that the sound library brings."""
    if discord.opus.is_loaded():
        return
    if sys.platform == "win32":
        # Only for Windows does discord.py bring a library of its own.
        discord.opus._load_default()
        return
    # Found, not imported: this happens while somebody waits for the first sound.
    spec = importlib.util.find_spec("av")
    beside = Path(spec.origin).parent if spec is not None and spec.origin else Path("av").absolute()
    found = [*beside.parent.glob("av.libs/libopus-*.so*"), *beside.glob(".dylibs/libopus*.dylib")]
    discord.opus.load_opus(str(found[0]) if found else ctypes.util.find_library("opus") or "libopus.so.0")


class _Soon(ExponentialBackoff[Literal[False]]):
    """Backoff of a minute at most: with the library's seventeen a bot stays away that long once all is well.

    Discord lets a bot identify a thousand times a day.
    """

    def __init__(self) -> None:
        super().__init__()
        self._max = _MOST_DOUBLINGS


def come_back_soon() -> None:
    """Let every client and shard made from now on reconnect within a minute of the gateway's return."""
    # Both modules import the name for themselves: replacing it in discord.backoff would reach neither.
    for room in (discord.client, discord.shard):
        room.ExponentialBackoff = _Soon  # type: ignore[attr-defined] # the only way in


def hold_presses(client: discord.Client, admit: Admit) -> None:
    """Ask `admit` before any button, menu or form of ours is answered."""
    client._connection._view_store = _HeldStore(client._connection, admit)


def foresee(encoder: discord.opus.Encoder, *, on: bool) -> None:
    """Let packets depend on the ones before them, or not."""
    # ctypes: `_state` is libopus's own pointer, and int is what its control function takes.
    discord.opus._lib.opus_encoder_ctl(encoder._state, _PREDICTION_DISABLED, int(not on))


class OpenVoice(discord.VoiceClient):
    """A voice client whose connection can be listened to and watched."""

    def __init__(self, client: discord.Client, channel: discord.abc.Connectable) -> None:
        # Before super(): it asks for the connection's state at once, whose hook needs them.
        self._speakers: dict[int, int] = {}
        self._told: list[Told] = []
        load_opus()
        super().__init__(client, channel)

    def create_connection_state(self) -> VoiceConnectionState:
        self._line = _Connection(self, hook=self._hook)
        return self._line

    def send_audio_packet(self, data: bytes, *, encode: bool = True) -> None:
        """Send nothing in the clear: while keys are being agreed on, the others could not open it anyway."""
        if self.keyed:
            super().send_audio_packet(data, encode=encode)

    async def renew(self) -> None:
        """Ask for another session in place of this one."""
        await self.ws.close(_STALE)

    def hear(self, packet: Callable[[bytes], None], told: Told) -> None:
        """Give every datagram (on the socket's thread) and every message of the voice gateway, until `unhear`."""
        self._told.append(told)
        self._connection.add_socket_listener(packet)

    def unhear(self, packet: Callable[[bytes], None], told: Told) -> None:
        """Stop calling these two."""
        self._connection.remove_socket_listener(packet)
        if told in self._told:
            self._told.remove(told)

    @property
    def put_out(self) -> bool:
        """Whether somebody took the bot out of the call, which is no fault to repair."""
        return self._line.put_out

    @property
    def failed(self) -> int:
        """Number of packets that this machine could not send."""
        return self._line.failed

    @property
    def unheard_s(self) -> float:
        """Seconds since the voice gateway last answered a heartbeat; 0 before the first."""
        # Before the handshake is over `ws` is discord.py's MISSING, which has no such thread.
        alive = getattr(self._connection.ws, "_keep_alive", None)
        return max(0.0, time.perf_counter() - alive._last_ack) if alive is not None else 0.0

    @property
    def keyed(self) -> bool:
        """Whether the others can open what we send: keys are agreed on, or none are needed."""
        state = self._connection
        if not state.is_connected() or not state.secret_key:
            return False
        return not state.dave_protocol_version or bool(state.can_encrypt)

    def key(self) -> bytes | None:
        """The voice server's present key."""
        key = self._connection.secret_key
        return bytes(key) if key else None

    def own_ssrc(self) -> int | None:
        """The bot's own SSRC."""
        return self._connection.ssrc or None

    def speakers(self) -> Mapping[int, int]:
        """Members by SSRC, as the voice gateway named them since this connection began."""
        return self._speakers

    def decrypt(self, member: int, frame: bytes) -> bytes:
        """Decrypt a frame of the call's end-to-end encryption; raises ValueError."""
        session, version = self._connection.dave_session, self._connection.dave_protocol_version
        if session is None or not version:
            return frame  # protocol version 0: somebody in the call cannot encrypt, so nobody does
        try:
            clear: bytes = session.decrypt(member, davey.MediaType.audio, frame)
        except RuntimeError as error:  # discord.py changes this very session on the loop's thread just now
            raise ValueError("session_changing") from error
        return clear

    async def _hook(self, _: Any, message: dict[str, Any]) -> None:
        opcode, told = message["op"], message.get("d") or {}
        if opcode == SESSION:
            # Another server gives every SSRC anew: an old one may be somebody else's now.
            self._speakers.clear()
        elif opcode == SPEAKING and "user_id" in told:
            self._speakers[int(told["ssrc"])] = int(told["user_id"])
        elif opcode == CLIENT_GONE and "user_id" in told:
            gone = int(told["user_id"])
            self._speakers = {ssrc: member for ssrc, member in self._speakers.items() if member != gone}
        for each in list(self._told):  # a copy: who is called may `unhear`
            each(opcode, told)


class _Connection(VoiceConnectionState):
    """State of a connection as discord.py's, but a socket is shut down before it is closed.

    Its reading thread waits up to 30 s on a socket that was only closed, and a new handshake waits for that thread.
    """

    def __init__(self, voice_client: discord.VoiceClient, *, hook: Any = None) -> None:
        super().__init__(voice_client, hook=hook)
        self.put_out = False
        self.failed = 0

    async def voice_state_update(self, data: Any) -> None:
        # discord.py sets the flag before it leaves by itself: without it, somebody else ended this.
        if data["channel_id"] is None and not self._expecting_disconnect:
            self.put_out = True
        await super().voice_state_update(data)

    def send_packet(self, packet: bytes) -> None:
        try:
            super().send_packet(packet)
        except OSError:
            self.failed += 1  # the player's thread only logs it, so the watch could not see it
            raise

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


class _HeldStore(ViewStore):
    """Store in which discord.py looks up who answers a press: views, forms and persistent buttons."""

    def __init__(self, state: Any, admit: Admit) -> None:
        super().__init__(state)
        self._admit = admit

    def dispatch_view(self, component_type: int, custom_id: str, interaction: discord.Interaction[Any]) -> None:
        self._held(interaction, partial(super().dispatch_view, component_type, custom_id, interaction))

    def dispatch_modal(
        self, custom_id: str, interaction: discord.Interaction[Any], components: Any, resolved: Any
    ) -> None:
        self._held(interaction, partial(super().dispatch_modal, custom_id, interaction, components, resolved))

    def _held(self, interaction: discord.Interaction[Any], answered: Callable[[], None]) -> None:
        # dispatch_* is synchronous and the gate is not; the store holds the task as it holds its own.
        self.add_task(asyncio.create_task(self._admitted(interaction, answered), name="press"))

    async def _admitted(self, interaction: discord.Interaction[Any], answered: Callable[[], None]) -> None:
        if await self._admit(interaction):
            answered()
