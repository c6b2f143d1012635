"""Which events a bot asked to be told."""

from __future__ import annotations

from enum import IntFlag


class Intent(IntFlag):
    """Gateway intents."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MODERATION = 1 << 2
    GUILD_EXPRESSIONS = 1 << 3
    GUILD_INTEGRATIONS = 1 << 4
    GUILD_WEBHOOKS = 1 << 5
    GUILD_INVITES = 1 << 6
    GUILD_VOICE_STATES = 1 << 7
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15
    GUILD_SCHEDULED_EVENTS = 1 << 16
    AUTO_MODERATION_CONFIGURATION = 1 << 20
    AUTO_MODERATION_EXECUTION = 1 << 21
    GUILD_MESSAGE_POLLS = 1 << 24
    DIRECT_MESSAGE_POLLS = 1 << 25


PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT
LAWFUL = sum(Intent)
# Event to the intent that lets it through: in guilds, in direct conversations.
NEEDED = {
    "CHANNEL_CREATE": (Intent.GUILDS, Intent(0)),
    "CHANNEL_UPDATE": (Intent.GUILDS, Intent(0)),
    "CHANNEL_DELETE": (Intent.GUILDS, Intent(0)),
    "THREAD_CREATE": (Intent.GUILDS, Intent(0)),
    "THREAD_UPDATE": (Intent.GUILDS, Intent(0)),
    "THREAD_DELETE": (Intent.GUILDS, Intent(0)),
    "VOICE_CHANNEL_STATUS_UPDATE": (Intent.GUILDS, Intent(0)),
    "GUILD_MEMBER_ADD": (Intent.GUILD_MEMBERS, Intent(0)),
    "GUILD_MEMBER_UPDATE": (Intent.GUILD_MEMBERS, Intent(0)),
    "GUILD_MEMBER_REMOVE": (Intent.GUILD_MEMBERS, Intent(0)),
    "VOICE_STATE_UPDATE": (Intent.GUILD_VOICE_STATES, Intent(0)),
    "MESSAGE_CREATE": (Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
    "MESSAGE_UPDATE": (Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
    "MESSAGE_DELETE": (Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
    "MESSAGE_REACTION_ADD": (Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS),
    "MESSAGE_REACTION_REMOVE": (Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS),
    "TYPING_START": (Intent.GUILD_MESSAGE_TYPING, Intent.DIRECT_MESSAGE_TYPING),
}


def passes(intents: int, event: str, *, in_guild: bool, about_itself: bool) -> bool:
    """Whether a bot with these intents is told; a bot always hears of its own membership and voice."""
    needed = NEEDED.get(event)
    if needed is None or (about_itself and event in ("GUILD_MEMBER_UPDATE", "VOICE_STATE_UPDATE")):
        return True
    wanted = needed[0 if in_guild else 1]
    return not wanted or bool(intents & wanted)
