"""What discord.py keeps to itself."""

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

from pipeline.errors import Missing

Told = Callable[[int, dict[str, Any]], None]
"""The voice gateway's opcode and message."""
Admit = Callable[[discord.Interaction[Any]], Awaitable[bool]]
"""Whether this press, choice or sent form may be looked at."""
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
"""Of a second."""
_PREDICTION_DISABLED = 4042
"""OPUS_SET_PREDICTION_DISABLED."""


def check_fits() -> None:
    """Raises Missing `discord_outgrown` where this discord.py is not the one we know from inside."""
    lacks = [
        f"{owner.__name__}.{name}" for owner, names in _WANTED.items() for name in names if not hasattr(owner, name)
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
        discord.opus._load_default()
        return
    # Found, not imported: this happens while somebody waits for the first sound.
    spec = importlib.util.find_spec("av")
    beside = Path(spec.origin).parent if spec is not None and spec.origin else Path("av").absolute()
    found = [*beside.parent.glob("av.libs/libopus-*.so*"), *beside.glob(".dylibs/libopus*.dylib")]
    discord.opus.load_opus(str(found[0]) if found else ctypes.util.find_library("opus") or "libopus.so.0")


class _Soon(ExponentialBackoff[Literal[False]]):
    """A minute between two tries at most: the library's seventeen are how long a bot would stay away once all is well.

    Discord lets a bot identify a thousand times a day.
    """

    def __init__(self) -> None:
        super().__init__()
        self._max = _MOST_DOUBLINGS


def come_back_soon() -> None:
    """After an outage of the gateway, for every client and shard made from now on."""
    for room in (discord.client, discord.shard):
        room.ExponentialBackoff = _Soon  # type: ignore[attr-defined] # the only way in


def hold_presses(client: discord.Client, admit: Admit) -> None:
    """From now on all that is pressed, chosen or sent is asked about before any part of ours answers it."""
    client._connection._view_store = _HeldStore(client._connection, admit)


def foresee(encoder: discord.opus.Encoder, *, on: bool) -> None:
    """Whether packets may lean on the ones before them."""
    discord.opus._lib.opus_encoder_ctl(encoder._state, _PREDICTION_DISABLED, int(not on))


class OpenVoice(discord.VoiceClient):
    """A voice client whose connection can be listened to and watched."""

    def __init__(self, client: discord.Client, channel: discord.abc.Connectable) -> None:
        self._speakers: dict[int, int] = {}
        self._told: list[Told] = []
        load_opus()
        super().__init__(client, channel)

    def create_connection_state(self) -> VoiceConnectionState:
        self._line = _Connection(self, hook=self._hook)
        return self._line

    def send_audio_packet(self, data: bytes, *, encode: bool = True) -> None:
        """Nothing leaves in the clear: while keys are being agreed on, the others could not open it anyway."""
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
        """Whether somebody took us out of the call, which is no fault to be mended."""
        return self._line.put_out

    @property
    def failed(self) -> int:
        """Packets that this machine could not send."""
        return self._line.failed

    @property
    def unheard_s(self) -> float:
        """Since the voice gateway last answered a heartbeat; 0 before the first."""
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
        """Members by SSRC, as the voice gateway told since this connection stands."""
        return self._speakers

    def decrypt(self, member: int, frame: bytes) -> bytes:
        """A frame out of the call's end-to-end encryption; raises ValueError."""
        session, version = self._connection.dave_session, self._connection.dave_protocol_version
        if session is None or not version:
            return frame
        try:
            clear: bytes = session.decrypt(member, davey.MediaType.audio, frame)
        except RuntimeError as error:  # discord.py changes this very session on the loop's thread just now
            raise ValueError("session_changing") from error
        return clear

    async def _hook(self, _: Any, message: dict[str, Any]) -> None:
        opcode, told = message["op"], message.get("d") or {}
        if opcode == SESSION:
            self._speakers.clear()
        elif opcode == SPEAKING and "user_id" in told:
            self._speakers[int(told["ssrc"])] = int(told["user_id"])
        elif opcode == CLIENT_GONE and "user_id" in told:
            gone = int(told["user_id"])
            self._speakers = {ssrc: member for ssrc, member in self._speakers.items() if member != gone}
        for each in list(self._told):
            each(opcode, told)


class _Connection(VoiceConnectionState):
    """As discord.py's, but a socket is shut before it is given up.

    Its reading thread waits up to 30 s on a socket that was only closed, and a new handshake waits for that thread.
    """

    def __init__(self, voice_client: discord.VoiceClient, *, hook: Any = None) -> None:
        super().__init__(voice_client, hook=hook)
        self.put_out = False
        self.failed = 0

    async def voice_state_update(self, data: Any) -> None:
        if data["channel_id"] is None and not self._expecting_disconnect:
            self.put_out = True
        await super().voice_state_update(data)

    def send_packet(self, packet: bytes) -> None:
        try:
            super().send_packet(packet)
        except OSError:
            self.failed += 1
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
    """Where discord.py looks for what answers: the one door to views, forms and parts that outlive a restart."""

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
        self.add_task(asyncio.create_task(self._admitted(interaction, answered), name="press"))

    async def _admitted(self, interaction: discord.Interaction[Any], answered: Callable[[], None]) -> None:
        if await self._admit(interaction):
            answered()
