"""Double presses, and heavy work per member."""

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
"""Seconds in which a second press of the same button counts as the first."""


@dataclass(frozen=True)
class Debounce:
    """Remembers for a few seconds who pressed what."""

    clock: Callable[[], float] = time.monotonic
    _pressed: dict[tuple[int, str, str], float] = field(default_factory=dict)

    async def pressed(self, interaction: discord.Interaction, tale: KeptTale, what: str) -> bool:
        """Whether this is the first press; a second one is answered here and does nothing."""
        now_s, key = self.clock(), (interaction.user.id, tale.id, what)
        # Emptied at each press: no timer, and it holds no more than the presses of five seconds.
        for one in [one for one, at_s in self._pressed.items() if now_s - at_s > WITHIN_S]:
            del self._pressed[one]
        if key not in self._pressed:
            self._pressed[key] = now_s
            return True
        await interaction.response.defer()  # else the member's client says that the interaction failed
        return False


@dataclass(frozen=True)
class OneEach:
    """One piece of heavy work for each member at a time."""

    # Weak: a lock lives while somebody holds or awaits it, so members who left cost nothing.
    _locks: WeakValueDictionary[int, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    @asynccontextmanager
    async def turn(self, member: int) -> AsyncIterator[None]:
        """Wait until what this member asked for before is done."""
        lock = self._locks.setdefault(member, asyncio.Lock())  # the local name keeps it alive
        async with lock:
            yield
