"""Who may do what, where."""

from __future__ import annotations

from enum import IntFlag

from tests.discord_double.people import Channel, Guild


class May(IntFlag):
    """The permission bits that the double knows how to ask for."""

    KICK_MEMBERS = 1 << 1
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    MUTE_MEMBERS = 1 << 22
    DEAFEN_MEMBERS = 1 << 23
    MOVE_MEMBERS = 1 << 24
    MANAGE_ROLES = 1 << 28
    USE_APPLICATION_COMMANDS = 1 << 31
    REQUEST_TO_SPEAK = 1 << 32
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    SEND_VOICE_MESSAGES = 1 << 46
    SET_VOICE_CHANNEL_STATUS = 1 << 48
    PIN_MESSAGES = 1 << 51


EVERYTHING = (1 << 53) - 1
MODERATION = May.KICK_MEMBERS | May.ADMINISTRATOR | May.MANAGE_CHANNELS | May.MANAGE_GUILD | May.MANAGE_MESSAGES
MODERATION |= May.MUTE_MEMBERS | May.DEAFEN_MEMBERS | May.MOVE_MEMBERS | May.MANAGE_ROLES | May.MANAGE_THREADS
MODERATION |= May.SET_VOICE_CHANNEL_STATUS | May.PIN_MESSAGES
EVERYBODY = EVERYTHING & ~int(MODERATION)


def of(guild: Guild, user_id: int, channel: Channel | None = None) -> int:
    """The permissions of a member in a channel (or the guild at large), computed as Discord's documentation says."""
    if user_id not in guild.members:
        return 0
    base = _in_guild(guild, user_id)
    if base & May.ADMINISTRATOR or guild.owner_id == user_id:
        return EVERYTHING
    if channel is None:
        return base
    room = guild.channels.get(channel.parent_id or 0, channel) if channel.is_thread else channel
    allowed = _overwritten(base, guild, user_id, room)
    return 0 if not allowed & May.VIEW_CHANNEL else allowed


def _in_guild(guild: Guild, user_id: int) -> int:
    allowed = guild.roles[guild.id].permissions
    for role_id in guild.members[user_id].roles:
        allowed |= guild.roles[role_id].permissions
    return allowed


def _overwritten(base: int, guild: Guild, user_id: int, channel: Channel) -> int:
    everyone = channel.overwrites.get(guild.id, (0, 0))
    base = base & ~everyone[1] | everyone[0]
    roles = [channel.overwrites[role] for role in guild.members[user_id].roles if role in channel.overwrites]
    for _, denied in roles:
        base &= ~denied
    for granted, _ in roles:
        base |= granted
    own = channel.overwrites.get(user_id, (0, 0))
    return base & ~own[1] | own[0]
