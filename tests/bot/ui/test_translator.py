"""Commands are read in every member's language."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bot.ui.translator import SPOKEN
from tests.bot.scene import on_stage
from tests.discord_double.double import LoopbackDiscord

NAME = re.compile(r"[-_'\w]{1,32}")
MOST = 100


async def test_every_name_and_description_is_there_in_all_languages_and_fits(tmp_path: Path) -> None:
    async with on_stage(tmp_path, works=False) as scene, scene.running():
        listed = list(scene.double.bot.commands.values())
    assert {"tale", "queue", "help", "about", "voice"} <= {one["name"] for one in listed}
    wrong = [(path, why) for one in listed for path, why in _wrong(one, one["name"], menu=one["type"] != 1)]
    assert not wrong


async def test_only_what_changed_is_sent(tmp_path: Path) -> None:
    async with on_stage(tmp_path, works=False) as scene:
        async with scene.running():
            first = _versions(scene.double)
        odd = next(iter(scene.double.bot.commands.values()))
        odd["description"] = "changed behind our back"
        async with scene.running():
            second = _versions(scene.double)
    assert {name for name in first if first[name] != second[name]} == {odd["name"]}


def _versions(double: LoopbackDiscord) -> dict[str, str]:
    return {one["name"]: one["version"] for one in double.bot.commands.values()}


def _wrong(part: dict[str, Any], path: str, *, menu: bool = False) -> list[tuple[str, str]]:
    """What is missing, too long or not as Discord wants it, down to the choices."""
    found: list[tuple[str, str]] = []
    names, told = part.get("name_localizations") or {}, part.get("description_localizations") or {}
    for locale in SPOKEN:
        name, says = names.get(locale, ""), told.get(locale, "")
        if not name or (not menu and not (NAME.fullmatch(name) and name == name.lower())):
            found.append((path, f"name in {locale}: {name!r}"))
        if not menu and not 0 < len(says) <= MOST:
            found.append((path, f"description in {locale}: {says!r}"))
    if not menu and ("commands." in part["description"] or not 0 < len(part["description"]) <= MOST):
        found.append((path, part["description"]))
    for choice in part.get("choices") or []:
        found += [(f"{path}={choice['value']}", one) for one in SPOKEN - set(choice.get("name_localizations") or {})]
    for inner in part.get("options") or []:
        found += _wrong(inner, f"{path}.{inner['name']}")
    return found
