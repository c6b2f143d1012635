"""Everything asked of the bot, in its turn."""

from __future__ import annotations

from typing import Any

import discord

from bot.services import services_of
from bot.ui.refusals import refuse
from pipeline.errors import Refused

TYPING = "typing"
"""Counted for itself: a client asks for suggestions at every letter."""


async def in_time(interaction: discord.Interaction[Any]) -> bool:
    """False for who is too quick: they are told when to come back, and while they only type, nothing.

    Commands, suggestions, presses, choices and sent forms all come by here, once, before anything looks at them.
    """
    typing = interaction.type is discord.InteractionType.autocomplete
    services = services_of(interaction)
    try:
        services.gate.floods.hold(f"{interaction.user.id}{TYPING if typing else ''}", services.clock())
    except Refused as error:
        if not typing:
            await refuse(interaction, error)
        return False
    return True
