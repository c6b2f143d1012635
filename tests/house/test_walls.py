"""Libraries' private parts stand behind walls."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from tests.house.plan import Room, rooms

UNDOCUMENTED = {"discord.http", "discord.gateway", "discord.voice_state", "discord.backoff", "discord.ui.view"}
WALLS = {"bot.discord_rest", "bot.voice.discord_inside"}
"""The only rooms that may use what discord.py does not document; `check_fits` looks for all of it at the start."""


def test_what_discord_py_does_not_document_is_used_behind_its_walls_alone() -> None:
    found = {room.name: sorted(set(_undocumented(room))) for room in rooms() if room.name not in WALLS}
    assert not {name: used for name, used in found.items() if used}


def test_each_wall_hides_something() -> None:
    assert {room.name for room in rooms() if _undocumented(room)} == WALLS


@cache
def _undocumented(room: Room) -> tuple[str, ...]:
    return tuple(_used(room))


def _used(room: Room) -> Iterator[str]:
    yield from (name for name in room.imports if name in UNDOCUMENTED)
    if not room.name.startswith("bot."):
        return
    for node in room.nodes:
        match node:
            case ast.Attribute(value=ast.Attribute(attr="http"), attr=name):
                yield f"http.{name}"
            case ast.Attribute(value=ast.Name(id="client" | "guild" | "interaction"), attr="_state" | "_connection"):
                yield node.attr
