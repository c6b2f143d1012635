"""The command that learns a voice."""

from __future__ import annotations

from typing import Any

import discord

from bot.actions.clone_panels import Invitation, Leave, Own
from bot.gate.caller import asker_of
from bot.gate.permissions import hold_to_rules
from bot.library.records import ServerSettings
from bot.services import services_of
from bot.wording import language_of
from pipeline.errors import Refused


async def clone(interaction: discord.Interaction, language: str | None = None) -> None:
    """Their own voice, where there is one already; else the sentence with which they give it."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    mine = await services_of(interaction).library.voices.of_member(str(interaction.user.id))
    if mine:
        own = Own(interaction, mine[-1], admitted)
        await interaction.followup.send(own.text(), view=own, ephemeral=True)
        return
    await _ruled(interaction)
    invitation = Invitation(interaction, language or language_of(interaction.locale.value), admitted)
    await interaction.followup.send(invitation.text(), view=invitation, ephemeral=True)


async def admitted(interaction: discord.Interaction[Any]) -> Leave:
    """Here and now, where they sit; raises Refused."""
    rules = await _ruled(interaction)
    member = interaction.user
    room = member.voice.channel if isinstance(member, discord.Member) and member.voice else None
    if room is None:
        raise Refused("ears_sit_first")
    if not rules.listening or not rules.voice_allowed or str(room.id) in rules.never_here:
        raise Refused("ears_forbidden", channel=f"<#{room.id}>")
    return Leave(room, rules, asker_of(interaction))


async def _ruled(interaction: discord.Interaction[Any]) -> ServerSettings:
    """Off until a manager turns it on; in direct messages nobody can."""
    servers, asker = services_of(interaction).library.servers, asker_of(interaction)
    rules = await servers.of(asker.server)
    if await servers.blocks(asker.server, asker.member, asker.roles):
        raise Refused("gate_blocked")
    hold_to_rules(asker, rules)
    if not rules.cloning:
        raise Refused("cloning_off")
    return rules
