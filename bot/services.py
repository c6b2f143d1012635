"""What commands and buttons may touch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

import discord

from bot.library.library import Library
from bot.teller import Teller
from pipeline.artifacts import Artifacts
from pipeline.road.door import Door
from pipeline.settings import Settings


@dataclass(frozen=True)
class Services:
    """Built once in app.py, reached as `services_of(interaction)`."""

    door: Door
    artifacts: Artifacts
    library: Library
    teller: Teller
    settings: Settings
    clock: Callable[[], float]
    """Seconds since the epoch."""


class Serving(Protocol):
    """A client that has them; every interaction of ours comes from one."""

    services: Services


def services_of(interaction: discord.Interaction) -> Services:
    """What the bot behind this interaction offers."""
    return cast(Serving, interaction.client).services


def place_of(interaction: discord.Interaction) -> tuple[str, str]:
    """(server, channel) as the library names them; a server that the bot is no member of counts as private."""
    server = interaction.guild_id if interaction.is_guild_integration() else None
    return str(server or ""), str(interaction.channel_id or "")
