"""Which tales' channels a member can read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import discord

from bot.library.records import Viewer

if TYPE_CHECKING:
    from bot.library.library import Library


async def viewer_of(interaction: discord.Interaction, library: Library) -> Viewer:
    """Return the member with the channels of tales they can read now; unknown channels count as unseen."""
    member = str(interaction.user.id)
    if interaction.guild is None or not interaction.is_guild_integration():
        return Viewer(member)
    server = str(interaction.guild.id)
    return Viewer(member, server, seen_among(interaction, await library.tales.channels(server)))


def seen_among(interaction: discord.Interaction, channels: Iterable[str]) -> frozenset[str]:
    """Return those of these channels that the member can read now."""
    guild, member = interaction.guild, interaction.user
    if guild is None or not isinstance(member, discord.Member):
        return frozenset()
    here = str(interaction.channel_id or "")
    return frozenset(one for one in channels if one.isdigit() and (one == here or _sees(guild, member, int(one))))


def _sees(guild: discord.Guild, member: discord.Member, channel: int) -> bool:
    room = guild.get_channel_or_thread(channel)
    if room is None:
        return False  # deleted, or a thread put away: only who asked there finds its tales
    may = room.permissions_for(member)
    if isinstance(room, discord.Thread) and room.is_private():
        # Who was invited is not cached without the members intent: only managers of threads are sure to see it.
        return may.manage_threads and may.read_messages
    return may.read_messages
