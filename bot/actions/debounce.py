"""A finger that presses twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

import discord

from bot.library.records import KeptTale

WITHIN_S = 5.0
"""Whoever presses the same again sooner meant it once."""


@dataclass(frozen=True)
class Debounce:
    """Remembers for a moment who pressed what."""

    clock: Callable[[], float] = time.monotonic
    _pressed: dict[tuple[int, str, str], float] = field(default_factory=dict)

    async def pressed(self, interaction: discord.Interaction, tale: KeptTale, what: str) -> bool:
        """Whether this is the first press; a second one is answered here, and nothing comes of it."""
        now_s, key = self.clock(), (interaction.user.id, tale.id, what)
        for one in [one for one, at_s in self._pressed.items() if now_s - at_s > WITHIN_S]:
            del self._pressed[one]
        if key not in self._pressed:
            self._pressed[key] = now_s
            return True
        await interaction.response.defer()
        return False


@dataclass(frozen=True)
class OneEach:
    """One piece of heavy work for each member at a time."""

    _locks: WeakValueDictionary[int, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    @asynccontextmanager
    async def turn(self, member: int) -> AsyncIterator[None]:
        """Wait until what this member asked for before is done."""
        lock = self._locks.setdefault(member, asyncio.Lock())
        async with lock:
            yield
