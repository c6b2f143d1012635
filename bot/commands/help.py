"""The command that teaches by three examples."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands

from bot.actions.ideas import openings
from bot.services import services_of
from bot.wording import said

ABILITIES = ("written", "spoken", "heard")


def add_to(tree: app_commands.CommandTree[Any]) -> None:
    """Add the command to the tree."""
    tree.add_command(app_commands.command(name="help")(help_))


async def help_(interaction: discord.Interaction) -> None:
    """Show the help to the member alone."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    locale = interaction.locale.value
    standing = await services_of(interaction).now.standing()
    page = discord.Embed(title=said("help.head", locale), description=three_ways(locale))
    if standing and standing.languages:
        page.add_field(name=said("help.languages", locale), value=language_table(standing.languages, locale))
    await interaction.followup.send(embed=page)


def three_ways(locale: str) -> str:
    """Return three ways to begin a tale."""
    menu = said("commands.tell_this.called", locale)
    idea = random.choice(openings(locale))
    ways = [said("help.one", locale, idea=idea), said("help.two", locale), said("help.three", locale, menu=menu)]
    return "\n\n".join([*ways, said("help.more", locale)])


def language_table(languages: Mapping[str, Mapping[str, bool]], locale: str) -> str:
    """Return a line for each language: what can be done in it here."""
    return "\n".join(
        said("help.row", locale, language=said(f"choices.language.{one}", locale), abilities=_told(able, locale))
        for one, able in languages.items()
        if any(able.get(ability) for ability in ABILITIES)
    )


def _told(able: Mapping[str, bool], locale: str) -> str:
    known = [said(f"help.{ability}", locale) for ability in ABILITIES if able.get(ability)]
    if not able.get("written") and able.get("spoken"):
        known.append(said("help.as_written", locale))
    return ", ".join(known)
