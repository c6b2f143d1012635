"""Nothing is there for tests alone."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from bot.app import COMMANDS
from pipeline.places import CHECKOUT
from tests.house.plan import Function, Room, all_rooms, rooms

CALLED_BY_LIBRARIES = {
    *("interaction_check", "on_error", "on_submit", "from_custom_id", "is_opus"),
    *("setup_hook", "on_ready", "on_resumed", "on_guild_join"),
    *("prepare", "upgrade"),
    *("_load_checkpoint",),
    *("handle_starttag", "handle_endtag", "handle_data"),
}
"""By discord.py; by its client; by SQLAlchemy and Alembic; by Coqui's base class; by the HTML parser."""
FOR_MEASURES = {"causes", "underruns"}
"""What a bench or a property test reads of the running program."""


def test_every_definition_is_used_by_the_program_itself() -> None:
    every = list(rooms())
    used = Counter(name for room in every for name in _names(room))
    known = CALLED_BY_LIBRARIES | FOR_MEASURES
    defined = {(room.name, node.name) for room in every for node in _definitions(room)}
    assert not {(room, name) for room, name in defined if not used[name] and name not in known}


def test_every_file_is_imported_or_named_by_a_table_that_opens_it() -> None:
    imported = {name for room in rooms() for name in room.imports}
    readers = CHECKOUT / "pipeline" / "sources" / "reading.py"
    tables = (CHECKOUT / "data" / "models.toml", CHECKOUT / "echotales.py", readers)
    named = {name for path in tables for name in re.findall(r"[\"']((?:\w+\.)+\w+)", path.read_text(encoding="utf-8"))}
    named |= {f"bot.commands.{name}" for name in COMMANDS}
    wings = {room.name for room in rooms() if "." in room.name and ".migrations.versions." not in room.name}
    assert wings - imported - named == set()


def test_the_fake_executor_says_only_what_the_real_line_says() -> None:
    said: dict[str, set[str]] = {"pipeline": set(), "tests": set()}
    for room in all_rooms():
        if room.name.startswith("pipeline.") or room.name == "tests.bot.troupe":
            said[room.name.split(".")[0]] |= set(_stages(room))
    assert said["pipeline"] >= said["tests"]
    assert said["pipeline"]


def _stages(room: Room) -> Iterator[str]:
    """Every stage that is said to begin or to end, by name."""
    for node in room.nodes:
        match node:
            case ast.Call(
                func=ast.Name(id=("StageStarted" | "StageFinished") as event), args=[ast.Constant(value=str(stage)), *_]
            ):
                yield f"{event} {stage}"


def _definitions(room: Room) -> Iterator[Function | ast.ClassDef]:
    for node in room.nodes:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("__"):
            yield node


def _names(room: Room) -> Iterator[str]:
    """Every name that is read, and every word of a short string: tables and verbs name what they call."""
    for node in room.nodes:
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
            case ast.Constant(value=str(text)) if len(text) < 120:
                yield from re.findall(r"\w+", text)
