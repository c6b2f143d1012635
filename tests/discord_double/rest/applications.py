"""Who am I, and where is the gateway."""

from __future__ import annotations

from tests.discord_double import names, refusal, shapes
from tests.discord_double.people import User
from tests.discord_double.permissions import of
from tests.discord_double.refusal import Json
from tests.discord_double.rest.call import Call, Route


def gateway_url(host: str) -> str:
    """Clients that cannot be given a resolver came by localhost and stay there."""
    return f"wss://{host}/gateway" if host.startswith(names.LOCAL) else f"wss://{names.GATEWAY}"


def _me(call: Call) -> Json:
    return shapes.own_user(call.bot.user)


def _application(call: Call) -> Json:
    return shapes.application(call.bot, call.bot.owner or call.bot.user)


def _gateway(call: Call) -> Json:
    return {"url": gateway_url(call.host)}


def _gateway_bot(call: Call) -> Json:
    start = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
    return {"url": gateway_url(call.host), "shards": 1, "session_start_limit": start}


def _user(call: Call) -> Json:
    found = call.house.world.users.get(call.number("user"))
    if found is None:
        raise refusal.UNKNOWN_USER
    return shapes.user(found)


def _my_guilds(call: Call) -> list[Json]:
    guilds = call.house.world.guilds.values()
    mine = [each for each in guilds if call.bot.id in each.members]
    return [{"id": str(each.id), "name": each.name, "permissions": str(of(each, call.bot.id))} for each in mine]


def _leave(call: Call) -> None:
    call.house.world.part(call.guild(), call.bot.user)


def _open_dm(call: Call) -> Json:
    world = call.house.world
    found: User | None = world.users.get(int(call.form.get("recipient_id") or 0))
    if found is None:
        raise refusal.UNKNOWN_USER
    return shapes.channel(world.conversation(call.bot.user, found)) | {"recipients": [shapes.user(found)]}


def _nothing(call: Call) -> list[Json]:
    return []


ROUTES = (
    Route("GET", "/users/@me", _me),
    Route("GET", "/users/@me/guilds", _my_guilds),
    Route("DELETE", "/users/@me/guilds/{guild}", _leave),
    Route("POST", "/users/@me/channels", _open_dm),
    Route("GET", "/users/{user}", _user),
    Route("GET", "/applications/@me", _application),
    Route("GET", "/oauth2/applications/@me", _application),
    Route("GET", "/gateway", _gateway, by_token=True),
    Route("GET", "/gateway/bot", _gateway_bot),
    Route("GET", "/soundboard-default-sounds", _nothing),
    Route("GET", "/applications/{application}/emojis", lambda call: {"items": []}),
    Route("GET", "/applications/{application}/entitlements", _nothing),
    Route("GET", "/applications/{application}/skus", _nothing),
)
