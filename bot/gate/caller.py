"""The member who asks, and where."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from pipeline.tables import FALLBACK


@dataclass(frozen=True)
class Asker:
    """A member at the moment of asking; Discord ids as text."""

    member: str
    server: str
    """"" in direct messages, and where the bot is no member."""
    channel: str
    parent: str = ""
    """The channel that holds the thread; "" elsewhere."""
    roles: frozenset[str] = frozenset()
    manages: bool = False
    """May manage the server: limits are theirs to set, and do not apply to them."""
    sits_in: str = ""
    """Id of the voice channel they are in, or ""."""
    grown_up: bool = False
    """The channel is for adults."""
    locale: str = FALLBACK
    upload_limit: int = 0
    """Most bytes of one file here."""


def asker_of(interaction: discord.Interaction) -> Asker:
    """Read the member from the interaction alone, without asking Discord."""
    # Installed for a user only, the bot sees a guild it is no member of: its settings would not hold there.
    server = str(interaction.guild_id or "") if interaction.guild and interaction.is_guild_integration() else ""
    channel = str(interaction.channel_id or "")
    user, room = interaction.user, interaction.channel
    member = user if server and isinstance(user, discord.Member) else None
    voice = member.voice if member else None
    return Asker(
        member=str(user.id),
        server=server,
        channel=channel,
        parent=str(room.parent_id) if isinstance(room, discord.Thread) else "",
        roles=frozenset(str(role.id) for role in member.roles) if member else frozenset(),
        manages=bool(member and interaction.permissions.manage_guild),
        sits_in=str(voice.channel.id) if voice and voice.channel else "",
        grown_up=bool(getattr(room, "nsfw", False) or getattr(getattr(room, "parent", None), "nsfw", False)),
        locale=interaction.locale.value,
        upload_limit=interaction.filesize_limit,
    )
