"""The command that stops all in a server."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.moderation.mod_log import note
from bot.services import services_of
from bot.voice.listening.live_listening import Ended
from bot.wording import said
from pipeline.errors import Refused


def add_to(tree: app_commands.CommandTree[Any]) -> None:
    """Add the command to the tree, for managers."""
    command: Any = app_commands.command(name="stop-all")(stop_all)
    tree.add_command(app_commands.default_permissions(manage_guild=True)(app_commands.guild_only()(command)))


async def stop_all(interaction: discord.Interaction) -> None:
    """Stop sound first, since it is heard; then listening, then tales that are being made."""
    if interaction.guild_id is None or not interaction.permissions.manage_guild:
        raise Refused("settings_managers_only")
    await interaction.response.defer(ephemeral=True, thinking=True)
    services, server = services_of(interaction), interaction.guild_id
    services.booths.of(server).silence()
    if listening := services.ears.of(server):
        listening.end(Ended.THROWN_AWAY)
    told = [tale for tale in await services.library.tales.open_ones() if tale.server == str(server)]
    for tale in told:
        await services.teller.cancel(tale.id)
    rules = await services.library.servers.of(str(server))
    who, locale = interaction.user.mention, (interaction.guild_locale or interaction.locale).value
    await note(interaction.client, rules, said("mod_log.stopped", locale, who=who, count=len(told)))
    await interaction.followup.send(said("stop_all.stopped", interaction.locale.value, count=len(told)))
