"""A listening to which nobody agreed."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress

from bot.client import TaleBot
from bot.voice.listening.session import Session
from tests.bot.scene import Scene
from tests.discord_double.bell import NeverSeen
from tests.discord_double.members.person import Person
from tests.faults.hostile.wire import Forger

OPENED_WITHIN_S = 60.0


class Overheard:
    """Somebody sits in a call and asks the bot to listen, but never consents; packets are forged in their name."""

    def __init__(self, scene: Scene, bot: TaleBot) -> None:
        self._scene, self._bot = scene, bot
        self._vic: Person = scene.guild.member("Vic")
        self._forger: Forger | None = None
        self._past: list[Session] = []
        self._opening = asyncio.Lock()

    async def begin(self) -> None:
        """Into the call."""
        await self._vic.joins(self._scene.guild.voice)

    async def end(self) -> None:
        """Out of it."""
        await self._vic.leaves()

    async def burst(self, dice: random.Random) -> None:
        """A dozen datagrams; where the bot ended its listening, it is asked again."""
        async with self._opening:
            if self._session is None or self._forger is None:
                self._forger = await self._opened()
        if self._forger is not None:
            self._forger.burst(dice)

    @property
    def decoded(self) -> int:
        """Frames that were taken out of their encryption, though nobody agreed."""
        heard = [one.listening.hearing for one in self._past if one.listening is not None]
        return sum(sum(one.opened.values()) + one.counts["opened"] for one in heard)

    @property
    def taken(self) -> int:
        """Datagrams that reached the ears, so that a deaf bot does not pass for a careful one."""
        heard = [one.listening.hearing for one in self._past if one.listening is not None]
        return sum(one.counts[kind] for one in heard for kind in ("sound", "report", "other_stream", "stray"))

    @property
    def _session(self) -> Session | None:
        return self._bot.services.ears.of(self._scene.guild.id)

    async def _opened(self) -> Forger | None:
        with suppress(NeverSeen):
            reply = await self._vic.slash("listen")
            await reply.until(lambda one: "listening in" in one.text, within_s=OPENED_WITHIN_S)
        session = self._session
        if session is None or self._vic.voice is None:
            return None
        until_s = time.monotonic() + OPENED_WITHIN_S
        while session.listening is None:
            if time.monotonic() > until_s or self._session is not session:
                return None  # it was ended before it began: permissions go in such a night
            await asyncio.sleep(0.01)
        self._past.append(session)
        return Forger(self._scene.guild.seat_of(self._scene.double.bot), self._vic.voice.ssrc)
