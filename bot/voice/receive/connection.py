"""A call's connection, whichever it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import discord

from bot.voice.call import Call
from bot.voice.discord_inside import SESSION, SPEAKING, OpenVoice
from bot.voice.receive.hearing import Hearing
from bot.voice.receive.packet import SILENCE

EVERY_S = 5.0
_FRAMES = 5


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
        """A frame out of the call's end-to-end encryption; raises ValueError."""
        if self._call.voice is None:
            raise ValueError("no call")
        return self._call.voice.decrypt(member, frame)


@contextmanager
def ears_open(call: Call, hearing: Hearing) -> Iterator[None]:
    """Let all that comes over the call go through the hearing, and over the connections that follow it."""
    heard: list[OpenVoice] = []

    def moved(voice: OpenVoice) -> None:
        while heard:
            heard.pop().unhear(hearing.packet, hearing.told)
        heard.append(voice)
        # The telling of key and names is over by now.
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
    """Asks for another connection where this one brings nothing."""
    asked: set[asyncio.Task[None]] = set()

    def renew() -> None:
        if call.voice is not None:
            asked.add(asyncio.create_task(call.voice.renew()))

    return renew


async def keep_open(call: Call) -> None:
    """Until cancelled: routers forget a path on which nothing leaves, and then nothing comes."""
    while True:
        if call.voice is not None and not call.voice.is_playing():
            call.play(_Quiet())
        await asyncio.sleep(EVERY_S)


class _Quiet(discord.AudioSource):
    """A tenth of a second of nothing."""

    def __init__(self) -> None:
        self._left = _FRAMES

    def read(self) -> bytes:
        self._left -= 1
        return SILENCE if self._left >= 0 else b""

    def is_opus(self) -> bool:
        return True
