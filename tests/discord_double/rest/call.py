"""One request, as the routes see it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from tests.discord_double import refusal
from tests.discord_double.house import House
from tests.discord_double.people import Application, Channel, Guild, Membership, Message
from tests.discord_double.permissions import May
from tests.discord_double.post import Upload
from tests.discord_double.refusal import Json

NEEDS_VIEW = May.VIEW_CHANNEL


@dataclass(frozen=True)
class Call:
    """A request whose caller is known and whose body was read."""

    house: House
    caller: Application | None  # None where the token in the path speaks for the caller
    names: dict[str, str]  # what stood in the path
    query: dict[str, str]
    body: Any = None
    uploads: tuple[Upload, ...] = ()
    host: str = ""
    reason: str = ""

    @property
    def bot(self) -> Application:
        if self.caller is None:
            raise refusal.UNAUTHORIZED
        return self.caller

    @property
    def form(self) -> Json:
        """The body, which must be an object."""
        if self.body is None:
            return {}
        if not isinstance(self.body, dict):
            raise refusal.INVALID_JSON
        return self.body

    def number(self, name: str) -> int:
        """A snowflake of the path."""
        if not self.names[name].isdigit():
            raise refusal.Refusal(
                400, 50035, "Invalid Form Body", {name: {"_errors": [{"code": "NUMBER_TYPE_COERCE"}]}}
            )
        return int(self.names[name])

    def guild(self) -> Guild:
        """The guild of the path, when the bot is in it."""
        guild = self.house.world.guilds.get(self.number("guild"))
        if guild is None or not guild.available:
            raise refusal.UNKNOWN_GUILD
        if self.bot.id not in guild.members:
            raise refusal.MISSING_ACCESS
        return guild

    def member(self) -> Membership:
        found = self.guild().members.get(self.number("user"))
        if found is None:
            raise refusal.UNKNOWN_MEMBER
        return found

    def channel(self, *needed: May) -> Channel:
        """The channel of the path, when the bot may see it and do what is needed there."""
        channel = self.house.world.channel(self.number("channel"))
        if channel is None:
            raise refusal.UNKNOWN_CHANNEL
        allowed = self.house.world.may(self.bot.id, channel)
        if not allowed & NEEDS_VIEW:
            raise refusal.MISSING_ACCESS
        if any(not allowed & each for each in needed):
            raise refusal.MISSING_PERMISSIONS
        return channel

    def message(self, *needed: May) -> Message:
        """The message of the path; ephemeral ones are not to be had here."""
        channel = self.channel(*needed)
        found = self.house.world.messages.get(self.number("message"))
        if found is None or found.deleted or found.channel_id != channel.id or found.visible_to is not None:
            raise refusal.UNKNOWN_MESSAGE
        return found


@dataclass(frozen=True)
class Route:
    """A method, a path with {names}, who answers it, and how it is limited."""

    method: str
    path: str
    answer: Callable[[Call], Any]  # gives JSON, or None for 204
    bucket: str = ""  # the rate-limit table's key; empty: the common one
    by_token: bool = False  # the path's own token speaks, no Authorization is asked for
    status: int = 200
    pattern: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pattern", tuple(self.path.strip("/").split("/")))

    def match(self, parts: tuple[str, ...]) -> dict[str, str] | None:
        """What the {names} stand for, or None when this is another path."""
        if len(parts) != len(self.pattern):
            return None
        names: dict[str, str] = {}
        for expected, part in zip(self.pattern, parts, strict=True):
            if expected.startswith("{"):
                names[expected[1:-1]] = part
            elif expected != part:
                return None
        return names


async def read_body(request: web.Request) -> tuple[Any, tuple[Upload, ...]]:
    """The JSON of a request and the files beside it."""
    if request.content_type.startswith("multipart/"):
        return await _read_multipart(request)
    if not request.can_read_body:
        return None, ()
    return _parse(await request.text()), ()


async def _read_multipart(request: web.Request) -> tuple[Any, tuple[Upload, ...]]:
    body: Any = {}
    uploads: list[Upload] = []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise refusal.INVALID_JSON
        if part.name == "payload_json":
            body = _parse(await part.text())
        else:
            media_type = part.headers.get("Content-Type") or "application/octet-stream"
            data = bytes(await part.read())
            uploads.append(Upload(part.name or "", part.filename or "unknown", media_type, data))
    return body, tuple(uploads)


def _parse(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except json.JSONDecodeError:
        raise refusal.INVALID_JSON from None
