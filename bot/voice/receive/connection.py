"""A call's connection, whichever it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import discord
from discord.opus import OPUS_SILENCE

from bot.voice.call import Call
from bot.voice.discord_inside import SESSION, SPEAKING, OpenVoice
from bot.voice.receive.hearing import Hearing

EVERY_S = 5.0
"""Seconds between two packets of silence that keep a router's path open."""
_FRAMES = 5
"""Packets of silence each time, 20 ms each: what a client sends after speech."""


class CallConnection:
    """What `Hearing` asks of a call; a mended call has another connection."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def key(self) -> bytes | None:
        """The voice server's present key."""
        return self._call.voice.key() if self._call.voice else None

    def own_ssrc(self) -> int | None:
        """The bot's own SSRC."""
        return self._call.voice.own_ssrc() if self._call.voice else None

    def speakers(self) -> Mapping[int, int]:
        """Members by SSRC, as far as the gateway has spoken of them."""
        return self._call.voice.speakers() if self._call.voice else {}

    def decrypt(self, member: int, frame: bytes) -> bytes:
        """Decrypt a frame of the call's end-to-end encryption; raises ValueError."""
        if self._call.voice is None:  # between two connections
            raise ValueError("no call")
        return self._call.voice.decrypt(member, frame)


@contextmanager
def ears_open(call: Call, hearing: Hearing) -> Iterator[None]:
    """Give `hearing` all that comes over the call, and over each connection that replaces it."""
    heard: list[OpenVoice] = []

    def moved(voice: OpenVoice) -> None:
        while heard:
            heard.pop().unhear(hearing.packet, hearing.told)
        heard.append(voice)
        # The gateway sent key and names before anybody listened here, and does not repeat them.
        hearing.told(SESSION, {"secret_key": list(voice.key() or b"")})
        for ssrc, member in voice.speakers().items():
            hearing.told(SPEAKING, {"ssrc": ssrc, "user_id": member})
        voice.hear(hearing.packet, hearing.told)

    if call.voice is not None:
        moved(call.voice)
    call.on_voice.append(moved)
    try:
        yield
    finally:
        call.on_voice.remove(moved)
        for voice in heard:
            voice.unhear(hearing.packet, hearing.told)


def renewal(call: Call) -> Callable[[], object]:
    """Return what asks for another connection where this one brings nothing."""
    asked: set[asyncio.Task[None]] = set()  # the loop holds tasks weakly: one that nobody holds may vanish

    def renew() -> None:
        if call.voice is not None:
            asked.add(asyncio.create_task(call.voice.renew()))

    return renew


async def keep_open(call: Call) -> None:
    """Send silence until cancelled: routers forget a path on which nothing leaves, and then nothing comes."""
    while True:
        # What plays keeps the path open by itself, and must not be cut off.
        if call.voice is not None and not call.voice.is_playing():
            call.play(_Quiet())
        await asyncio.sleep(EVERY_S)


class _Quiet(discord.AudioSource):
    """A tenth of a second of nothing."""

    def __init__(self) -> None:
        self._left = _FRAMES

    def read(self) -> bytes:
        self._left -= 1
        return OPUS_SILENCE if self._left >= 0 else b""

    def is_opus(self) -> bool:
        return True
