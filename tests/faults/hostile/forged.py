"""What a bent client sends."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Sequence

from tests.discord_double.forms.command import GROUP, SUBCOMMAND, Option
from tests.discord_double.forms.components import SELECTS, Part, walk
from tests.discord_double.people import Message
from tests.discord_double.refusal import Json
from tests.faults.hostile import spite

USERS = 2
"""The kind of command that a right click on somebody offers."""
MOST_ID = 100
"""Characters of a custom id, by Discord's own rule."""
VERBS = (
    "again", "continue", "play", "cancel", "retry", "why", "heart", "share", "transcript", "files", "delete", "erase",
    "report", "unname", "settings", "x" * 40,
)  # fmt: skip
ROOMS = (
    "settings:page", "settings:form:limits", "settings:form:nothing", "settings:who:roles", "settings:safety:mod_log",
    "settings:tale:rating", "tales:open", "tales:ask", "tales:list:server:0", "tales:list:now:-1", "privacy:export",
    "tales:list:found:" + "9" * 40 + ":x", "tales:list:nowhere:1:2:3", "privacy:withdraw", "privacy:nothing",
    "echo:ears:finish", "echo:ears:consent", "echo:ears:mine", "echo:ears:none", "echo:", ":", "settings:", "tales:",
    "booth:pause:1", "booth:volume:1", "booth:nothing:" + "9" * 30, "welcome:hear", "welcome:nothing",
    "settings:limits:role_shares",
)  # fmt: skip
DETAILS = ("", ":", ":joy", ":nothing", ":here", ":mp3", ":voice", ":" + "a" * 40, ":../..", ":" + "9" * 30)
_TALE = re.compile(r"[0-9a-f]{32}")


def custom_id(dice: random.Random, known: Sequence[str], tales: Sequence[str]) -> str:
    """Of a button or menu that was seen, bent; or one that nobody ever hung up."""
    tale = dice.choice((*tales, f"{dice.getrandbits(128):032x}", "0" * 32, "f" * 31, "é" * 32, "A" * 32))
    made = dice.choice((
        f"echo:{dice.choice(VERBS)}:{tale}{dice.choice(DETAILS)}",
        dice.choice(ROOMS),
        _TALE.sub(tale, dice.choice(known)) if known else "echo",
        dice.choice(known)[: dice.randint(1, 60)] if known else "echo:heart",
        spite.words(dice, MOST_ID),
    ))  # fmt: skip
    return made[:MOST_ID] or "echo"


def component(dice: random.Random, made: str, values: Sequence[str]) -> Json:
    """A press, or a choice from a menu of any kind."""
    kind = dice.choice((Part.BUTTON, Part.BUTTON, *SELECTS))
    data: Json = {"custom_id": made, "component_type": int(kind), "id": 1}
    if kind != Part.BUTTON:
        data["values"] = dice.choices([*values, "0", "9" * 19], k=dice.randint(1, 3))
        data["resolved"] = {}
    return data


def bearing(message: Message, data: Json) -> Message:
    """The same message, with a part of its own under this id: a client answers for what hangs on a message alone."""
    part: Json = {"type": data["component_type"], "custom_id": data["custom_id"], "id": 1}
    if part["type"] == Part.BUTTON:
        part |= {"style": 2, "label": "x"}
    elif part["type"] == Part.STRING_SELECT:
        part["options"] = [{"label": "x", "value": value} for value in dict.fromkeys(data["values"])]
    bent = copy.deepcopy(message.data) | {"components": [{"type": int(Part.ROW), "id": 2, "components": [part]}]}
    bent["flags"] = int(bent["flags"]) & ~(1 << 15)
    return Message(bent, message.born_s, message.visible_to)


def filled(dice: random.Random, modal: Json) -> dict[str, str]:
    """Every field of a form, with as much as it lets through."""
    texts = [part for part in walk(modal["components"]) if part["type"] == Part.TEXT_INPUT]
    return {part["custom_id"]: spite.words(dice, part.get("max_length") or 4_000) or "x" for part in texts}


def invocations(commands: Sequence[Json]) -> list[tuple[str, list[Json]]]:
    """Every command that is typed, with its options: `voice choose`, ..."""
    found = []
    for command in commands:
        if command["type"] == 1:
            found += _below(command["name"], command.get("options") or [])
    return found


def options(dice: random.Random, offered: Sequence[Json], given: dict[int, object]) -> dict[str, object]:
    """Most of them, each with a value that a client lets through; `given` are people, rooms and roles by kind."""
    taken = [one for one in offered if one.get("required") or dice.random() < 0.6]
    return {one["name"]: _value(dice, one, given) for one in taken}


def _below(name: str, options_: Sequence[Json]) -> list[tuple[str, list[Json]]]:
    inner = [one for one in options_ if one["type"] in (SUBCOMMAND, GROUP)]
    if not inner:
        return [(name, list(options_))]
    return [found for one in inner for found in _below(f"{name} {one['name']}", one.get("options") or [])]


def _value(dice: random.Random, option: Json, given: dict[int, object]) -> object:
    kind, choices = option["type"], [one["value"] for one in option.get("choices") or []]
    if choices:
        return dice.choice(choices)
    if kind == Option.STRING:
        least = option.get("min_length") or 0
        return spite.words(dice, option.get("max_length") or 4_000).ljust(least, "x")
    if kind in (Option.INTEGER, Option.NUMBER):
        least, most = option.get("min_value", -(2**31)), option.get("max_value", 2**31)
        return dice.choice((least, most)) if kind == Option.INTEGER else dice.uniform(least, most)
    if kind == Option.BOOLEAN:
        return dice.random() < 0.3
    return spite.file(dice) if kind == Option.ATTACHMENT else given[kind]
