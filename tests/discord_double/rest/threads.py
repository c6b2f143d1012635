"""Threads and who is in them."""

from __future__ import annotations

from tests.discord_double import refusal, shapes
from tests.discord_double.people import Channel, Kind
from tests.discord_double.permissions import May
from tests.discord_double.refusal import Form, Json, Refusal
from tests.discord_double.rest.call import Call, Route

ARCHIVE_MINUTES = (60, 1440, 4320, 10080)


def _from_message(call: Call) -> Json:
    message = call.message(May.CREATE_PUBLIC_THREADS)
    if "thread" in message.data:
        raise Refusal(400, 160004, "A thread has already been created for this message")
    thread = _open(call, call.channel(), Kind.PUBLIC_THREAD, message.id)
    message.data["thread"] = shapes.channel(thread)
    return shapes.channel(thread)


def _alone(call: Call) -> Json:
    kind = call.form.get("type", int(Kind.PRIVATE_THREAD))
    sheet = Form()
    sheet.choice("type", kind, (11, 12))
    sheet.check()
    needed = May.CREATE_PUBLIC_THREADS if kind == Kind.PUBLIC_THREAD else May.CREATE_PRIVATE_THREADS
    return shapes.channel(_open(call, call.channel(needed), Kind(kind)))


def _open(call: Call, parent: Channel, kind: Kind, begun: int = 0) -> Channel:
    if parent.kind not in (Kind.TEXT, Kind.NEWS) or parent.guild_id is None:
        raise refusal.WRONG_CHANNEL_TYPE
    sheet = Form()
    sheet.length("name", call.form.get("name"), 100, 1)
    sheet.choice("auto_archive_duration", call.form.get("auto_archive_duration") or 1440, ARCHIVE_MINUTES)
    sheet.check()
    world = call.house.world
    thread = world.room(world.guilds[parent.guild_id], kind, call.form["name"], parent.id, begun)
    thread.owner_id = call.bot.id
    thread.joined.add(call.bot.id)
    return thread


def _join(call: Call) -> None:
    _thread(call).joined.add(call.bot.id if call.names["user"] == "@me" else call.number("user"))


def _leave(call: Call) -> None:
    _thread(call).joined.discard(call.bot.id if call.names["user"] == "@me" else call.number("user"))


def _thread(call: Call) -> Channel:
    channel = call.channel()
    if not channel.is_thread:
        raise refusal.WRONG_CHANNEL_TYPE
    if channel.archived:
        raise refusal.ARCHIVED
    return channel


ROUTES = (
    Route("POST", "/channels/{channel}/messages/{message}/threads", _from_message, status=201),
    Route("POST", "/channels/{channel}/threads", _alone, status=201),
    Route("PUT", "/channels/{channel}/thread-members/{user}", _join),
    Route("DELETE", "/channels/{channel}/thread-members/{user}", _leave),
)
