"""What hears the events of a tale."""

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
    """The message that lives."""

    @property
    def state(self) -> CardState:
        """All that was heard so far."""

    async def start(self) -> None:
        """Post it, or find it again."""

    def feed(self, event: Event) -> None:
        """Take an event; never waits."""

    def paced(self, least_s: float, most_s: float) -> None:
        """What a word of a tale takes here; never waits."""

    async def heard_out(self) -> None:
        """A told tale's text is not given away while somebody still listens to it."""

    async def close(self) -> None:
        """Its last state is shown."""


class Follower:
    """Somebody else who hears a tale's events: the player, the list of open tales. Does nothing by itself."""

    def began(self, tale: KeptTale, card: Card, sits_in: str, /) -> None:
        """Take note that it is followed from now on; `sits_in` is "" after a restart."""

    def heard(self, tale: KeptTale, event: Event, /) -> None:
        """Take one of its events; never waits."""

    def ended(self, tale: KeptTale, /) -> None:
        """Take note that nothing more comes."""


Deliver = Callable[[KeptTale, Tale], Awaitable[tuple[str, ...]]]
"""Gives message ids; raises what `unsteady` names."""


@dataclass(frozen=True)
class Faces:
    """What members see of a tale."""

    card: Callable[[KeptTale], Awaitable[Card]]
    deliver: Deliver
    followers: tuple[Follower, ...] = ()


def unsteady() -> tuple[type[BaseException], ...]:
    """What may befall a follower and pass: it follows again."""
    from sqlalchemy.exc import SQLAlchemyError  # whoever has a library has it; without, it is a third of a start

    return (TaleError, discord.DiscordException, aiohttp.ClientError, SQLAlchemyError, OSError, TimeoutError)
