"""Application commands, global and of guilds."""

from __future__ import annotations

from tests.discord_double import refusal
from tests.discord_double.forms import command as form
from tests.discord_double.people import Application
from tests.discord_double.refusal import Json
from tests.discord_double.rest.call import Call, Route

DEFAULTS: Json = {
    "type": 1,
    "description": "",
    "default_member_permissions": None,
    "nsfw": False,
    "name_localizations": None,
    "description_localizations": None,
}


def _list(call: Call) -> list[Json]:
    return _scoped(_own(call), _scope(call))


def _overwrite(call: Call) -> list[Json]:
    application, scope = _own(call), _scope(call)
    lawful = form.check_all(call.body)
    old = {(each["type"], each["name"]): each for each in _scoped(application, scope)}
    for each in old.values():
        del application.commands[int(each["id"])]
    return [_keep(call, application, scope, each, old.get((each.get("type", 1), each["name"]))) for each in lawful]


def _create(call: Call) -> Json:
    application, scope = _own(call), _scope(call)
    form.check(call.form)
    same = (call.form.get("type", 1), call.form["name"])
    old = next((each for each in _scoped(application, scope) if (each["type"], each["name"]) == same), None)
    many = sum(each["type"] == same[0] for each in _scoped(application, scope))
    if old is None and many >= form.MOST_BY_TYPE[same[0]]:
        raise refusal.TOO_MANY_COMMANDS
    return _keep(call, application, scope, call.form, old)


def _get(call: Call) -> Json:
    found = _own(call).commands.get(call.number("command"))
    if found is None or found.get("guild_id") != _scope(call):
        raise refusal.UNKNOWN_COMMAND
    return found


def _edit(call: Call) -> Json:
    old = _get(call)
    changed = old | call.form
    form.check(changed)
    return _keep(call, _own(call), _scope(call), changed, old)


def _delete(call: Call) -> None:
    found = _get(call)
    del _own(call).commands[int(found["id"])]


def _own(call: Call) -> Application:
    if call.number("application") != call.bot.id:
        raise refusal.UNKNOWN_APPLICATION
    return call.bot


def _scope(call: Call) -> str | None:
    """The guild's id, checked, or None for everywhere."""
    if "guild" not in call.names:
        return None
    return str(call.guild().id)


def _scoped(application: Application, scope: str | None) -> list[Json]:
    return [each for each in application.commands.values() if each.get("guild_id") == scope]


def _keep(call: Call, application: Application, scope: str | None, command: Json, old: Json | None) -> Json:
    mint = call.house.world.mint
    number = int(old["id"]) if old else mint.next()
    kept = DEFAULTS | command | {"id": str(number), "application_id": str(application.id), "version": str(mint.next())}
    everywhere = {"contexts": command.get("contexts"), "integration_types": command.get("integration_types") or [0]}
    kept |= {"guild_id": scope} if scope else everywhere
    application.commands[number] = kept
    call.house.world.bell.ring()
    return kept


GLOBAL = "/applications/{application}/commands"
OF_GUILD = "/applications/{application}/guilds/{guild}/commands"
ROUTES = tuple(
    route
    for base in (GLOBAL, OF_GUILD)
    for route in (
        Route("GET", base, _list),
        Route("PUT", base, _overwrite, bucket="commands"),
        Route("POST", base, _create, bucket="commands", status=201),
        Route("GET", base + "/{command}", _get),
        Route("PATCH", base + "/{command}", _edit, bucket="commands"),
        Route("DELETE", base + "/{command}", _delete),
    )
)
