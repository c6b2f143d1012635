"""Answers to interactions."""

from __future__ import annotations

from tests.discord_double import refusal, shapes
from tests.discord_double.interactions import Answer, Interaction
from tests.discord_double.post import EPHEMERAL, LOADING
from tests.discord_double.refusal import Json
from tests.discord_double.rest.call import Call, Route


def _callback(call: Call) -> Json | None:
    asked = call.house.interactions.by_token.get(call.names["token"])
    if asked is None or asked.id != call.number("interaction"):
        raise refusal.UNKNOWN_INTERACTION
    call.house.interactions.respond(asked, call.form, call.uploads)
    wanted = call.query.get("with_response", "").lower() in ("1", "true")
    return _resource(asked) if wanted else None


def _resource(asked: Interaction) -> Json:
    about: Json = {"id": str(asked.id), "type": int(asked.kind)}
    answer: Json = {"type": int(asked.answer or 0)}
    message = asked.message
    if message is not None:
        about |= {
            "response_message_id": str(message.id),
            "response_message_loading": bool(message.flags & LOADING),
            "response_message_ephemeral": bool(message.flags & EPHEMERAL),
        }
    if message is not None and asked.answer in (Answer.MESSAGE, Answer.LATER, Answer.UPDATE):
        answer["message"] = message.data
    return {"interaction": about, "resource": answer}


def _follow_up(call: Call) -> Json:
    asked = _token(call)
    message = call.house.interactions.follow_up(asked, call.form, call.uploads)
    return shapes.message(message, asked.application.id)


def _get(call: Call) -> Json:
    asked = _token(call)
    return shapes.message(call.house.interactions.find(asked, call.names["message"]), asked.application.id)


def _edit(call: Call) -> Json:
    asked = _token(call)
    message = call.house.interactions.find(asked, call.names["message"])
    call.house.interactions.edit(asked, message, call.form, call.uploads)
    return shapes.message(message, asked.application.id)


def _delete(call: Call) -> None:
    message = call.house.interactions.find(_token(call), call.names["message"])
    call.house.post.delete(message)


def _token(call: Call) -> Interaction:
    asked = call.house.interactions.by_token.get(call.names["token"])
    if asked is None or asked.application.id != call.number("application"):
        raise refusal.UNKNOWN_WEBHOOK
    return asked


WEBHOOK = "/webhooks/{application}/{token}"
MESSAGE = WEBHOOK + "/messages/{message}"
ROUTES = (
    Route("POST", "/interactions/{interaction}/{token}/callback", _callback, by_token=True),
    Route("POST", WEBHOOK, _follow_up, bucket="webhook", by_token=True),
    Route("GET", MESSAGE, _get, by_token=True),
    Route("PATCH", MESSAGE, _edit, bucket="webhook", by_token=True),
    Route("DELETE", MESSAGE, _delete, by_token=True),
)
