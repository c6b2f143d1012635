"""Guilds, their members, and moving them about."""

from __future__ import annotations

from tests.discord_double import permissions, refusal, shapes
from tests.discord_double.people import Guild, Membership
from tests.discord_double.permissions import May
from tests.discord_double.refusal import Json
from tests.discord_double.rest.call import Call, Route
from tests.discord_double.world import Event


def _get(call: Call) -> Json:
    guild = call.guild()
    return shapes.guild_outline(guild) | {"approximate_member_count": len(guild.members)}


def _member(call: Call) -> Json:
    return shapes.member(call.member())


def _members(call: Call) -> list[Json]:
    most, after = int(call.query.get("limit", 1)), int(call.query.get("after", 0))
    listed = sorted(call.guild().members.values(), key=lambda each: each.user.id)
    return [shapes.member(each) for each in listed if each.user.id > after][:most]


def _edit_member(call: Call) -> Json:
    """Nickname and roles; and for those in voice: moving, muting, deafening, putting out."""
    guild, member, form = call.guild(), call.member(), call.form
    if "nick" in form:
        member.nick = form["nick"] or None
    if "roles" in form:
        _need(guild, call, May.MANAGE_ROLES)
        member.roles = {int(each) for each in form["roles"]}
    if {"mute", "deaf"} & set(form):
        _silence(call, guild, member)
    if "channel_id" in form:
        _move(call, guild, member)
    changed = shapes.member(member) | {"guild_id": str(guild.id)}
    call.house.world.emit(Event("GUILD_MEMBER_UPDATE", changed, guild.id))
    return shapes.member(member)


def _move(call: Call, guild: Guild, member: Membership) -> None:
    _need(guild, call, May.MOVE_MEMBERS)
    if member.voice is None:
        raise refusal.NOT_IN_VOICE
    wanted = call.form["channel_id"]
    room = guild.channels.get(int(wanted)) if wanted else None
    if wanted and (room is None or not room.is_spoken):
        raise refusal.UNKNOWN_CHANNEL
    call.house.hall.move(guild, member, room)


def _silence(call: Call, guild: Guild, member: Membership) -> None:
    if member.voice is None:
        raise refusal.NOT_IN_VOICE
    for key, needed in (("mute", May.MUTE_MEMBERS), ("deaf", May.DEAFEN_MEMBERS)):
        if key in call.form:
            _need(guild, call, needed)
            setattr(member.voice, key, bool(call.form[key]))
    call.house.hall.tell(guild, member)


def _own_voice_state(call: Call) -> None:
    """On a stage the bot asks to be heard."""
    guild = call.guild()
    member = guild.members[call.bot.id]
    if member.voice is None:
        raise refusal.UNKNOWN_VOICE_STATE
    if call.form.get("suppress") is False:
        _need(guild, call, May.MUTE_MEMBERS)
    member.voice.suppress = bool(call.form.get("suppress", member.voice.suppress))
    call.house.hall.tell(guild, member)


def _voice_state(call: Call) -> Json:
    guild = call.guild()
    name = call.names["user"]
    member = guild.members.get(call.bot.id if name == "@me" else call.number("user"))
    if member is None or member.voice is None:
        raise refusal.UNKNOWN_VOICE_STATE
    return shapes.voice_state(guild, member)


def _roles(call: Call) -> list[Json]:
    return [shapes.role(each) for each in call.guild().roles.values()]


def _need(guild: Guild, call: Call, needed: May) -> None:
    if not permissions.of(guild, call.bot.id) & needed:
        raise refusal.MISSING_PERMISSIONS


ROUTES = (
    Route("GET", "/guilds/{guild}", _get),
    Route("GET", "/guilds/{guild}/roles", _roles),
    Route("GET", "/guilds/{guild}/members", _members),
    Route("GET", "/guilds/{guild}/members/{user}", _member),
    Route("PATCH", "/guilds/{guild}/members/{user}", _edit_member),
    Route("GET", "/guilds/{guild}/voice-states/{user}", _voice_state),
    Route("PATCH", "/guilds/{guild}/voice-states/@me", _own_voice_state),
)
