"""Channels, and the status of voice channels."""

from __future__ import annotations

from typing import Any

from tests.discord_double import permissions, refusal, shapes
from tests.discord_double.people import Channel, Kind
from tests.discord_double.permissions import May
from tests.discord_double.refusal import Form, Json
from tests.discord_double.rest.call import Call, Route
from tests.discord_double.world import Event

STATUS_MOST = 500


def _get(call: Call) -> Json:
    return shapes.channel(call.channel())


def _list(call: Call) -> list[Json]:
    guild = call.guild()
    return [shapes.channel(each) for each in guild.channels.values() if not each.is_thread]


def _create(call: Call) -> Json:
    guild = call.guild()
    _need(call, May.MANAGE_CHANNELS)
    sheet = Form()
    sheet.length("name", call.form.get("name"), 100, 1)
    sheet.choice("type", call.form.get("type", 0), (0, 2, 4, 5, 13))
    sheet.check()
    parent = call.form.get("parent_id")
    kind = Kind(call.form.get("type", 0))
    return shapes.channel(call.house.world.room(guild, kind, call.form["name"], int(parent) if parent else None))


def _edit(call: Call) -> Json:
    channel = call.channel()
    call.channel(May.MANAGE_THREADS if channel.is_thread else May.MANAGE_CHANNELS)
    _change(channel, call.form)
    name = "THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE"
    data = shapes.channel(channel)
    call.house.world.emit(Event(name, data, channel.guild_id, channel_id=channel.id))
    return data


def _change(channel: Channel, form: Json) -> None:
    sheet = Form()
    fields: dict[str, Any] = {"name": 100, "topic": 1024}
    for key, most in fields.items():
        if form.get(key) is not None:
            sheet.length(key, form[key], most)
            setattr(channel, key, form[key])
    sheet.check()
    channel.archived = bool(form.get("archived", channel.archived))
    channel.locked = bool(form.get("locked", channel.locked))
    channel.user_limit = int(form.get("user_limit", channel.user_limit))


def _delete(call: Call) -> Json:
    channel = call.channel()
    if channel.guild_id is None:
        return shapes.channel(channel)
    call.channel(May.MANAGE_THREADS if channel.is_thread else May.MANAGE_CHANNELS)
    call.house.hall.remove(channel)
    return shapes.channel(channel)


def _set_status(call: Call) -> None:
    channel = call.channel(May.SET_VOICE_CHANNEL_STATUS)
    if channel.kind is not Kind.VOICE or channel.guild_id is None:
        raise refusal.WRONG_CHANNEL_TYPE
    member = call.house.world.guilds[channel.guild_id].members[call.bot.id]
    if member.voice is None or member.voice.channel_id != channel.id:
        call.channel(May.MANAGE_CHANNELS)
    status = call.form.get("status")
    sheet = Form()
    sheet.length("status", status or "", STATUS_MOST)
    sheet.check()
    channel.status = status or None
    data = {"id": str(channel.id), "guild_id": str(channel.guild_id), "status": channel.status}
    call.house.world.emit(Event("VOICE_CHANNEL_STATUS_UPDATE", data, channel.guild_id, channel_id=channel.id))


def _set_overwrite(call: Call) -> None:
    channel = call.channel(May.MANAGE_ROLES)
    target = call.number("target")
    channel.overwrites[target] = (int(call.form.get("allow") or 0), int(call.form.get("deny") or 0))
    if int(call.form.get("type") or 0) == 1:
        channel.own_overwrites.add(target)
    call.house.world.emit(Event("CHANNEL_UPDATE", shapes.channel(channel), channel.guild_id, channel_id=channel.id))


def _need(call: Call, needed: May) -> None:
    if not permissions.of(call.guild(), call.bot.id) & needed:
        raise refusal.MISSING_PERMISSIONS


ROUTES = (
    Route("GET", "/channels/{channel}", _get),
    Route("PATCH", "/channels/{channel}", _edit),
    Route("DELETE", "/channels/{channel}", _delete),
    Route("PUT", "/channels/{channel}/voice-status", _set_status, bucket="voice-status"),
    Route("PUT", "/channels/{channel}/permissions/{target}", _set_overwrite),
    Route("GET", "/guilds/{guild}/channels", _list),
    Route("POST", "/guilds/{guild}/channels", _create, status=201),
)
