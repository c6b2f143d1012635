"""The command that names the models."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.services import services_of
from bot.tracker.open_tales import coming
from bot.wording import said
from pipeline.words.standing import ExecutorInfo


def add_to(tree: app_commands.CommandTree[Any]) -> None:
    """Add the command to the tree."""
    tree.add_command(app_commands.command(name="about")(about))


async def about(interaction: discord.Interaction) -> None:
    """Show the models to the member alone."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    locale = interaction.locale.value
    standing = await services_of(interaction).now.standing()
    page = discord.Embed(title=said("about.head", locale), description=said("about.what", locale))
    if standing is None:
        page.add_field(name="\u200b", value=said("about.unknown", locale), inline=False)
    else:
        name = said("about.profile", locale, profile=standing.profile)
        page.add_field(name=name, value="\n".join(_models(standing, locale)), inline=False)
    page.set_footer(text=said("about.code", locale))
    await interaction.followup.send(embed=page)


def _models(standing: ExecutorInfo, locale: str) -> list[str]:
    rows = [
        said("about.row", locale, role=said(f"roles.{one.role}", locale), model=one.model, licence=one.licence)
        for one in standing.models
    ]
    return [*rows, coming(standing, locale)]
