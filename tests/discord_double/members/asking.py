"""What a client sends when a member asks."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from pathlib import Path

from tests.discord_double import shapes
from tests.discord_double.forms.command import GROUP, SUBCOMMAND, Option
from tests.discord_double.people import Application, Channel, Guild, Role, User
from tests.discord_double.permissions import May
from tests.discord_double.post import CDN
from tests.discord_double.refusal import Json
from tests.discord_double.world import World

INTEGERS = (Option.INTEGER, Option.NUMBER)
PEOPLE = (Option.USER, Option.MENTIONABLE)


class NotOffered(AssertionError):
    """A client would not let the member do that."""


@dataclass(frozen=True)
class Attachment:
    """A file given to a command or a message."""

    name: str
    data: bytes
    media_type: str = ""

    @classmethod
    def read(cls, path: Path) -> Attachment:
        return cls(path.name, path.read_bytes())

    @property
    def kind(self) -> str:
        return self.media_type or mimetypes.guess_type(self.name)[0] or "application/octet-stream"


def find_command(world: World, channel: Channel, user: User, name: str, kind: int = 1) -> tuple[Application, Json]:
    """The command that a client offers here under a name, and whose it is."""
    guild_id = channel.guild_id
    bots = [each for each in world.applications.values() if each.id in user.apps or world.is_inside(each, channel)]
    for bot in bots:
        for command in bot.commands.values():
            here = command.get("guild_id") in (None, str(guild_id))
            if here and command["name"] == name and command["type"] == kind:
                _check_offered(world, channel, user, command, bot)
                return bot, command
    raise NotOffered(f"no command {name!r}")


def command_data(world: World, channel: Channel, command: Json, path: list[str], given: Json, typing: str = "") -> Json:
    """The data of an invocation; while `typing` an option, its missing ones are forgiven."""
    data: Json = {"id": command["id"], "name": command["name"], "type": command["type"], "resolved": {}}
    if command.get("guild_id"):
        data["guild_id"] = command["guild_id"]
    options, wrap = command.get("options") or [], data
    for step in path:
        inner = next((each for each in options if each["name"] == step and each["type"] in (SUBCOMMAND, GROUP)), None)
        if inner is None:
            raise NotOffered(f"no subcommand {step!r}")
        wrapped: Json = {"name": step, "type": inner["type"]}
        wrap["options"] = [wrapped]
        options, wrap = inner.get("options") or [], wrapped
    wrap["options"] = _options(world, channel, options, given, data["resolved"], typing)
    return data


def _options(
    world: World, channel: Channel, offered: list[Json], given: Json, resolved: Json, typing: str
) -> list[Json]:
    known = {each["name"]: each for each in offered}
    if strange := set(given) - set(known):
        raise NotOffered(f"no option {sorted(strange)} among {sorted(known)}")
    missing = [each["name"] for each in offered if each.get("required") and each["name"] not in given]
    if missing and not typing:
        raise NotOffered(f"{missing} must be filled in")
    sent: list[Json] = []
    for name, value in given.items():
        if name != typing:
            _check_value(known[name], value)
        sent.append(
            {"name": name, "type": known[name]["type"], "value": _value(world, channel, known[name], value, resolved)}
        )
        sent[-1] |= {"focused": True} if name == typing else {}
    return sent


def _check_value(option: Json, value: object) -> None:
    """What the client itself would not let pass."""
    name, kind = option["name"], option["type"]
    choices = [each["value"] for each in option.get("choices") or []]
    if choices and value not in choices:
        raise NotOffered(f"{name}: {value!r} is not among {choices}")
    size = len(value) if isinstance(value, str) else value
    least, most = ("min_length", "max_length") if kind == Option.STRING else ("min_value", "max_value")
    if not isinstance(size, int | float) or (kind != Option.STRING and kind not in INTEGERS):
        return
    if option.get(least) is not None and size < option[least]:
        raise NotOffered(f"{name}: {value!r} is less than {option[least]}")
    if option.get(most) is not None and size > option[most]:
        raise NotOffered(f"{name}: {value!r} is more than {option[most]}")


def _value(world: World, channel: Channel, option: Json, value: object, resolved: Json) -> object:
    """The value as it is sent; what it names is put among the resolved."""
    if isinstance(value, Attachment):
        shape = _upload(world, channel, value)
        resolved.setdefault("attachments", {})[shape["id"]] = shape
        return shape["id"]
    if isinstance(value, User):
        resolve_user(world, channel, value, resolved)
        return str(value.id)
    if isinstance(value, Channel):
        resolved.setdefault("channels", {})[str(value.id)] = shapes.channel(value) | {"permissions": "0"}
        return str(value.id)
    if isinstance(value, Role):
        resolved.setdefault("roles", {})[str(value.id)] = shapes.role(value)
        return str(value.id)
    return value


def resolve_user(world: World, channel: Channel, user: User, resolved: Json) -> None:
    resolved.setdefault("users", {})[str(user.id)] = shapes.user(user)
    guild: Guild | None = world.guilds.get(channel.guild_id or 0)
    if guild is not None and user.id in guild.members:
        member = shapes.member(guild.members[user.id])
        del member["user"], member["deaf"], member["mute"]
        resolved.setdefault("members", {})[str(user.id)] = member | {
            "permissions": str(int(world.may(user.id, channel)))
        }


def _upload(world: World, channel: Channel, given: Attachment) -> Json:
    number = world.mint.next()
    path = f"/ephemeral-attachments/{channel.id}/{number}/{given.name}"
    world.files[path] = given.data
    about = {"id": str(number), "filename": given.name, "size": len(given.data), "content_type": given.kind}
    return about | {"url": CDN + path, "proxy_url": CDN + path, "ephemeral": True}


def context_of(world: World, channel: Channel, bot: Application) -> int:
    """A guild, a conversation with the bot, or one between people."""
    return 0 if channel.guild_id else 1 if world.is_inside(bot, channel) else 2


def _check_offered(world: World, channel: Channel, user: User, command: Json, bot: Application) -> None:
    contexts = command.get("contexts")
    if contexts is not None and context_of(world, channel, bot) not in contexts:
        raise NotOffered(f"{command['name']} is not offered here")
    if channel.guild_id is None and command.get("dm_permission") is False:
        raise NotOffered(f"{command['name']} is not offered in direct messages")
    if not world.is_inside(bot, channel) and 1 not in (command.get("integration_types") or [0]):
        raise NotOffered(f"{command['name']} is not for who installed it for themselves")
    allowed = world.may(user.id, channel)
    needed = command.get("default_member_permissions")
    if not allowed & May.USE_APPLICATION_COMMANDS:
        raise NotOffered("no commands in this channel")
    if needed is not None and int(needed) & ~int(allowed):
        raise NotOffered(f"{command['name']} is not offered to {user.name}")
