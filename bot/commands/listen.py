"""The command that listens."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.actions.listen_presses import ListenButton
from bot.actions.start_listening import open_ears


def add_to(tree: app_commands.CommandTree[Any]) -> None:
    """Add the command to the tree, and its buttons to the client."""
    tree.client.add_dynamic_items(ListenButton)
    tree.add_command(app_commands.guild_only(app_commands.command(name="listen")(listen)))


async def listen(interaction: discord.Interaction) -> None:
    await open_ears(interaction)
