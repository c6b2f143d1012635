"""Messages of channels."""

from __future__ import annotations

from tests.discord_double import refusal, shapes
from tests.discord_double.forms import message as form
from tests.discord_double.people import Channel, Kind, Message
from tests.discord_double.permissions import May
from tests.discord_double.post import SUPPRESS_EMBEDS, VOICE_MESSAGE
from tests.discord_double.refusal import Json, Refusal
from tests.discord_double.rest.call import Call, Route
from tests.discord_double.world import Event

SILENT = (Kind.CATEGORY,)
PAGE = 50
NONCE_HOLDS_S = 300.0  # "the past few minutes", says the documentation


def _create(call: Call) -> Json:
    channel = call.channel()
    _check_may_send(call, channel)
    _check_enclosures(call, channel)
    form.check_new(call.form, call.uploads, call.house.world.upload_limit(channel.guild_id))
    known = _of_nonce(call, channel)
    if known is not None:
        return shapes.message(known, call.bot.id)
    message = call.house.post.send(channel, call.bot.user, call.form, call.uploads)
    return shapes.message(message, call.bot.id)


def _edit(call: Call) -> Json:
    message = call.message()
    if message.author_id != call.bot.id:
        _check_suppression(call)
    if call.channel().archived:
        raise refusal.ARCHIVED
    form.check_edit(message, call.form, call.uploads, call.house.world.upload_limit(call.channel().guild_id))
    call.house.post.edit(message, call.form, call.uploads)
    return shapes.message(message, call.bot.id)


def _delete(call: Call) -> None:
    message = call.message()
    if message.author_id != call.bot.id:
        call.channel(May.MANAGE_MESSAGES)
    call.house.post.delete(message)


def _delete_many(call: Call) -> None:
    channel = call.channel(May.MANAGE_MESSAGES)
    wanted = {int(each) for each in call.form.get("messages") or []}
    if not 2 <= len(wanted) <= 100:
        raise Refusal(400, 50016, "Provided too few or too many messages to delete.")
    for message in [each for each in call.house.world.messages_of(channel.id) if each.id in wanted]:
        call.house.post.delete(message)


def _get(call: Call) -> Json:
    return shapes.message(call.message(May.READ_MESSAGE_HISTORY), call.bot.id)


def _list(call: Call) -> list[Json]:
    """The newest first; `before`, `after` and `limit` as asked."""
    channel = call.channel(May.READ_MESSAGE_HISTORY)
    shown = [each for each in call.house.world.messages_of(channel.id) if each.visible_to is None]
    before, after = int(call.query.get("before", 1 << 63)), int(call.query.get("after", 0))
    most = min(int(call.query.get("limit", PAGE)), 100)
    within = [each for each in shown if after < each.id < before]
    page = within[:most] if "after" in call.query else within[-most:]
    return [shapes.message(each, call.bot.id) for each in reversed(page)]


def _typing(call: Call) -> None:
    channel = call.channel(May.SEND_MESSAGES)
    data = {
        "channel_id": str(channel.id),
        "user_id": str(call.bot.id),
        "timestamp": int(call.house.world.clock.now_s()),
    }
    guild = {"guild_id": str(channel.guild_id)} if channel.guild_id else {}
    call.house.world.emit(Event("TYPING_START", data | guild, channel.guild_id, channel_id=channel.id))


def _pin(call: Call) -> None:
    call.message(May.PIN_MESSAGES).data["pinned"] = True


def _unpin(call: Call) -> None:
    call.message(May.PIN_MESSAGES).data["pinned"] = False


def _of_nonce(call: Call, channel: Channel) -> Message | None:
    """The message of the last minutes that this one would post again, when its nonce is enforced."""
    nonce = call.form.get("nonce")
    if nonce is None or not call.form.get("enforce_nonce"):
        return None
    since_s = call.house.world.clock.now_s() - NONCE_HOLDS_S
    same = (each for each in call.house.world.messages_of(channel.id) if each.data.get("nonce") == nonce)
    fresh = (each for each in same if each.author_id == call.bot.id and each.born_s > since_s)
    return next(fresh, None)


def _check_may_send(call: Call, channel: Channel) -> None:
    if channel.kind in SILENT:
        raise refusal.NOT_TEXT
    if channel.kind is Kind.DM and any(each.closed_dms for each in channel.recipients):
        raise refusal.CANNOT_DM
    if channel.kind is Kind.DM and not call.house.world.meet(channel.recipients):
        raise refusal.NO_COMMON_GUILD
    if channel.is_thread and channel.locked and not call.house.world.may(call.bot.id, channel) & May.MANAGE_THREADS:
        raise refusal.LOCKED
    call.channel(May.SEND_MESSAGES_IN_THREADS if channel.is_thread else May.SEND_MESSAGES)
    if channel.is_thread and channel.archived:
        channel.archived = False  # speaking wakes a thread that is archived and not locked


def _check_enclosures(call: Call, channel: Channel) -> None:
    """What a message carries needs its own permissions."""
    allowed = call.house.world.may(call.bot.id, channel)
    if call.uploads and not allowed & May.ATTACH_FILES:
        raise refusal.MISSING_PERMISSIONS
    if call.form.get("embeds") and not allowed & May.EMBED_LINKS:
        raise refusal.MISSING_PERMISSIONS
    if int(call.form.get("flags") or 0) & VOICE_MESSAGE and not allowed & May.SEND_VOICE_MESSAGES:
        raise Refusal(403, 50173, "Cannot send voice messages in this channel.")
    reference = call.form.get("message_reference")
    if reference and not allowed & May.READ_MESSAGE_HISTORY:
        raise refusal.NO_HISTORY  # whatever `fail_if_not_exists` says
    if reference and reference.get("fail_if_not_exists", True):
        _check_reference(call.house.world.messages.get(int(reference.get("message_id", 0))))


def _check_reference(original: Message | None) -> None:
    if original is None or original.deleted:
        errors = {"message_reference": {"_errors": [{"code": "REPLIES_UNKNOWN_MESSAGE", "message": "Unknown message"}]}}
        raise Refusal(400, 50035, "Invalid Form Body", errors)


def _check_suppression(call: Call) -> None:
    """Another's message: only its embeds may be hidden, and only by who manages messages."""
    if set(call.form) - {"flags"} or int(call.form.get("flags") or 0) & ~SUPPRESS_EMBEDS:
        raise refusal.NOT_YOUR_MESSAGE
    call.channel(May.MANAGE_MESSAGES)


MESSAGES = "/channels/{channel}/messages"
ROUTES = (
    Route("POST", MESSAGES, _create, bucket="send"),
    Route("GET", MESSAGES, _list),
    Route("POST", MESSAGES + "/bulk-delete", _delete_many),
    Route("GET", MESSAGES + "/{message}", _get),
    Route("PATCH", MESSAGES + "/{message}", _edit, bucket="edit"),
    Route("DELETE", MESSAGES + "/{message}", _delete, bucket="delete"),
    Route("POST", "/channels/{channel}/typing", _typing),
    Route("PUT", MESSAGES + "/pins/{message}", _pin),
    Route("DELETE", MESSAGES + "/pins/{message}", _unpin),
    Route("PUT", "/channels/{channel}/pins/{message}", _pin),
    Route("DELETE", "/channels/{channel}/pins/{message}", _unpin),
)
