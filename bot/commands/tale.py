"""The command that tells a tale."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.asking import Chosen, Draft, begin
from pipeline.words.prompt import MAX_PROMPT_CHARS


def add_to(tree: app_commands.CommandTree[Any]) -> None:
    """Put it on the list."""
    tree.add_command(app_commands.command(name="tale")(tale))


async def tale(interaction: discord.Interaction, prompt: app_commands.Range[str, 1, MAX_PROMPT_CHARS]) -> None:
    await interaction.response.defer(thinking=True)
    await begin(interaction, Draft(prompt), Chosen())
