"""Mentions in a wish, turned into names."""

from __future__ import annotations

import asyncio

import discord

from bot.ui.escape import named_in, told_of

MOST_NAMED = 5
"""People whose names are asked of Discord for one wish."""
_NAME_WITHIN_S = 2.0


async def with_names(interaction: discord.Interaction, text: str) -> str:
    """Whoever is mentioned is called by name; who cannot be found in time is left out."""
    guild = interaction.guild
    names = {str(one.id): one.name for one in (*guild.roles, *guild.channels, *guild.threads)} if guild else {}
    people = named_in(text)[:MOST_NAMED]
    return told_of(text, names | await _people(interaction, people)) if "<" in text else told_of(text, {})


async def _people(interaction: discord.Interaction, people: tuple[str, ...]) -> dict[str, str]:
    guild = interaction.guild
    known = {str(interaction.user.id): interaction.user.display_name}
    unknown = [one for one in people if one not in known]
    if guild is None or not unknown:
        return known
    try:
        async with asyncio.timeout(_NAME_WITHIN_S):
            found = await asyncio.gather(*(guild.fetch_member(int(one)) for one in unknown), return_exceptions=True)
    except TimeoutError:
        return known
    return known | {str(one.id): one.display_name for one in found if isinstance(one, discord.Member)}
