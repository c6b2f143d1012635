"""Who looks, and which channels they see."""

from __future__ import annotations

import discord

from bot.library.kept import Viewer
from bot.library.library import Library


async def viewer_of(interaction: discord.Interaction, library: Library) -> Viewer:
    """Channels of tales that this member can read now; what cannot be looked up counts as unseen."""
    guild, member = interaction.guild, interaction.user
    if guild is None or not isinstance(member, discord.Member) or not interaction.is_guild_integration():
        return Viewer(str(member.id))
    told_in = await library.tales.channels(str(guild.id))
    here = str(interaction.channel_id or "")
    seen = {one for one in told_in if one.isdigit() and (one == here or _sees(guild, member, int(one)))}
    return Viewer(str(member.id), str(guild.id), frozenset(seen))


def _sees(guild: discord.Guild, member: discord.Member, channel: int) -> bool:
    room = guild.get_channel_or_thread(channel)
    if room is None:
        return False  # deleted, or a thread put away: only who asked there finds its tales
    may = room.permissions_for(member)
    if isinstance(room, discord.Thread) and room.is_private():
        return may.manage_threads and may.read_messages
    return may.read_messages
