"""Reactions to messages."""

from __future__ import annotations

from tests.discord_double import refusal, shapes
from tests.discord_double.people import Message, User
from tests.discord_double.permissions import May
from tests.discord_double.refusal import Json
from tests.discord_double.rest.call import Call, Route


def _add(call: Call) -> None:
    message = call.message(May.READ_MESSAGE_HISTORY)
    emoji = _emoji(call)
    if not message.reactions.get(emoji):
        call.channel(May.ADD_REACTIONS)
    call.house.post.react(message, call.bot.user, emoji, add=True)


def _take_own(call: Call) -> None:
    call.house.post.react(call.message(), call.bot.user, _emoji(call), add=False)


def _take_theirs(call: Call) -> None:
    message = call.message(May.MANAGE_MESSAGES)
    call.house.post.react(message, _user(call), _emoji(call), add=False)


def _clear(call: Call) -> None:
    message = call.message(May.MANAGE_MESSAGES)
    for emoji, users in list(message.reactions.items()):
        for user_id in list(users):
            call.house.post.react(message, call.house.world.users[user_id], emoji, add=False)


def _who(call: Call) -> list[Json]:
    message: Message = call.message(May.READ_MESSAGE_HISTORY)
    return [shapes.user(call.house.world.users[each]) for each in message.reactions.get(_emoji(call), [])]


def _emoji(call: Call) -> str:
    """A Unicode emoji or name:id; letters alone are neither."""
    emoji = call.names["emoji"]
    if emoji.isascii() and ":" not in emoji:
        raise refusal.UNKNOWN_EMOJI
    return emoji


def _user(call: Call) -> User:
    found = call.house.world.users.get(call.number("user"))
    if found is None:
        raise refusal.UNKNOWN_USER
    return found


REACTIONS = "/channels/{channel}/messages/{message}/reactions"
ROUTES = (
    Route("PUT", REACTIONS + "/{emoji}/@me", _add, bucket="react"),
    Route("DELETE", REACTIONS + "/{emoji}/@me", _take_own, bucket="react"),
    Route("DELETE", REACTIONS + "/{emoji}/{user}", _take_theirs, bucket="react"),
    Route("DELETE", REACTIONS, _clear),
    Route("GET", REACTIONS + "/{emoji}", _who),
)
