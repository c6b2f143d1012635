"""What Discord remembers, as its API shows it."""

from __future__ import annotations

import datetime as dt

from tests.discord_double import permissions
from tests.discord_double.people import Application, Channel, Guild, Kind, Membership, Message, Role, User
from tests.discord_double.refusal import Json

JOINED = "2024-01-01T00:00:00+00:00"


def iso(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat()


def user(who: User) -> Json:
    return {
        "id": str(who.id),
        "username": who.name if who.bot else who.name.lower(),
        "global_name": None if who.bot else who.name,
        "discriminator": "0",
        "avatar": None,
        "bot": who.bot,
        "system": False,
        "public_flags": 0,
        "flags": 0,
    }


def own_user(who: User) -> Json:
    """The bot's user as it sees itself."""
    return user(who) | {"verified": True, "mfa_enabled": True, "email": None, "locale": who.locale}


def member(of: Membership) -> Json:
    return {
        "user": user(of.user),
        "nick": of.nick,
        "avatar": None,
        "roles": [str(role) for role in sorted(of.roles)],
        "joined_at": JOINED,
        "premium_since": None,
        "deaf": bool(of.voice and of.voice.deaf),
        "mute": bool(of.voice and of.voice.mute),
        "pending": False,
        "flags": 0,
        "communication_disabled_until": None,
    }


def role(of: Role) -> Json:
    return {
        "id": str(of.id),
        "name": of.name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": of.position,
        "permissions": str(of.permissions),
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


def channel(of: Channel) -> Json:
    shape: Json = {"id": str(of.id), "type": int(of.kind), "flags": 0, "last_message_id": None}
    if of.kind is Kind.DM:
        return shape | {"recipients": [user(each) for each in of.recipients]}
    shape |= {"name": of.name, "guild_id": str(of.guild_id), "parent_id": of.parent_id and str(of.parent_id)}
    if of.is_thread:
        return shape | _thread(of)
    shape |= {"position": 0, "nsfw": False, "permission_overwrites": _overwrites(of), "rate_limit_per_user": 0}
    if of.is_spoken:
        return shape | {"bitrate": 64000, "user_limit": of.user_limit, "rtc_region": None, "status": of.status}
    return shape | {"topic": of.topic}


def guild_outline(of: Guild) -> Json:
    """A guild without its rooms and people."""
    return {
        "id": str(of.id),
        "name": of.name,
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "owner_id": str(of.owner_id),
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": of.tier,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": of.locale,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "application_id": None,
        "vanity_url_code": None,
        "description": None,
        "banner": None,
        "features": [],
        "emojis": [],
        "stickers": [],
        "roles": [role(each) for each in of.roles.values()],
    }


def guild(of: Guild, bot_id: int, *, every_member: bool, voice: bool) -> Json:
    """GUILD_CREATE for a bot; without the members intent it holds only the bot and those in voice."""
    seen = [each for each in of.members.values() if every_member or each.user.id == bot_id or each.voice]
    rooms = [each for each in of.channels.values() if permissions.of(of, bot_id, each) & permissions.May.VIEW_CHANNEL]
    return guild_outline(of) | {
        "joined_at": JOINED,
        "large": len(of.members) > 250,
        "unavailable": False,
        "member_count": len(of.members),
        "members": [member(each) for each in seen],
        "channels": [channel(each) for each in rooms if not each.is_thread],
        "threads": [channel(each) for each in rooms if each.is_thread and not each.archived],
        "voice_states": [voice_state(of, each, with_member=False) for each in seen if each.voice and voice],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def voice_state(of: Guild, who: Membership, *, with_member: bool = True) -> Json:
    state = who.voice
    shape: Json = {
        "guild_id": str(of.id),
        "channel_id": state and str(state.channel_id),
        "user_id": str(who.user.id),
        "session_id": state.session_id if state else "",
        "deaf": bool(state and state.deaf),
        "mute": bool(state and state.mute),
        "self_deaf": bool(state and state.self_deaf),
        "self_mute": bool(state and state.self_mute),
        "self_video": bool(state and state.self_video),
        "suppress": bool(state and state.suppress),
        "request_to_speak_timestamp": None,
    }
    return shape | ({"member": member(who)} if with_member else {})


def message(of: Message, viewer_id: int) -> Json:
    reactions = [
        {
            "emoji": emoji(key),
            "count": len(users),
            "count_details": {"burst": 0, "normal": len(users)},
            "me": viewer_id in users,
            "me_burst": False,
            "burst_colors": [],
        }
        for key, users in of.reactions.items()
        if users
    ]
    return of.data | ({"reactions": reactions} if reactions else {})


def emoji(key: str) -> Json:
    """`key` is a Unicode emoji or name:id."""
    name, _, number = key.partition(":")
    return {"id": number or None, "name": name, "animated": False}


def application(of: Application, owner: User) -> Json:
    return {
        "id": str(of.id),
        "name": of.user.name,
        "icon": None,
        "description": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "owner": user(owner),
        "team": None,
        "flags": 0,
        "summary": "",
        "bot": user(of.user),
        "integration_types_config": {"0": {}, "1": {}},
    }


def _overwrites(of: Channel) -> list[Json]:
    return [
        {"id": str(target), "type": int(target in of.own_overwrites), "allow": str(allow), "deny": str(deny)}
        for target, (allow, deny) in of.overwrites.items()
    ]


def _thread(of: Channel) -> Json:
    return {
        "owner_id": str(of.owner_id),
        "message_count": 0,
        "member_count": len(of.joined),
        "total_message_sent": 0,
        "rate_limit_per_user": 0,
        "thread_metadata": {
            "archived": of.archived,
            "auto_archive_duration": 1440,
            "archive_timestamp": JOINED,
            "locked": of.locked,
            "invitable": True,
            "create_timestamp": JOINED,
        },
    }
