"""Receivers of a tale's events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import aiohttp
import discord

from bot.card.state import CardState
from bot.library.records import KeptTale
from pipeline.errors import TaleError
from pipeline.words.event import Event
from pipeline.words.tale import Tale


class Card(Protocol):
    """The message that shows a tale while it is made."""

    @property
    def state(self) -> CardState:
        """What all events so far amount to."""

    async def start(self) -> None:
        """Post it, or find it again."""

    def feed(self, event: Event) -> None:
        """Take an event; never waits."""

    def paced(self, least_s: float, most_s: float) -> None:
        """Note how many seconds a word of a tale takes here; never waits."""

    async def heard_out(self) -> None:
        """Wait until the voice has come to the end: the text must not be ahead of its listeners."""

    async def close(self) -> None:
        """Show the last state."""


class Follower:
    """Base of other receivers of a tale's events, such as the player; each method does nothing by default."""

    def began(self, tale: KeptTale, card: Card, sits_in: str, /) -> None:
        """Note that it is followed from now on; `sits_in` is "" after a restart."""

    def heard(self, tale: KeptTale, event: Event, /) -> None:
        """Take one of its events; never waits."""

    def ended(self, tale: KeptTale, /) -> None:
        """Note that nothing more comes."""


Deliver = Callable[[KeptTale, Tale], Awaitable[tuple[str, ...]]]
"""Delivers a tale and returns its messages; raises what `unsteady` names."""


@dataclass(frozen=True)
class Faces:
    """All outputs of a tale."""

    card: Callable[[KeptTale], Awaitable[Card]]
    deliver: Deliver
    followers: tuple[Follower, ...] = ()


def unsteady() -> tuple[type[BaseException], ...]:
    """Return errors that pass by themselves, after which a tale is followed again."""
    from sqlalchemy.exc import SQLAlchemyError  # whoever has a library has it; without, it is a third of a start

    return (TaleError, discord.DiscordException, aiohttp.ClientError, SQLAlchemyError, OSError, TimeoutError)
