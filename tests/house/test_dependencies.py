"""What is imported is declared."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pipeline.places import CHECKOUT
from tests.house.plan import WINGS, Room, all_rooms, rooms
from tests.locks import EXTRAS

SHIPPED = ("project.dependencies", *(f"project.optional-dependencies.{extra}" for extra in EXTRAS))
NOT_HERE = {"TTS": "coqui-tts", "piper": "piper-tts", "pocket_tts": "pocket-tts"}
"""Libraries of the extras whose import has another name; the rest are called as they are installed."""


def test_every_library_a_wing_imports_is_declared() -> None:
    declared = _declared(*SHIPPED)
    assert not {room.name: strange for room in rooms() if (strange := _strange(room, declared))}


def test_every_library_a_test_imports_is_declared() -> None:
    declared = _declared(*SHIPPED, "dependency-groups.dev")
    assert not {room.name: strange for room in all_rooms() if (strange := _strange(room, declared))}


def _strange(room: Room, declared: set[str]) -> set[str]:
    """Names of distributions that this room needs and nobody promised."""
    known = _installed()
    top = {name.split(".")[0] for name in room.imports} - sys.stdlib_module_names - {*WINGS, "tests", "echotales"}
    wanted = {name: {canonicalize_name(dist) for dist in known.get(name, [NOT_HERE.get(name, name)])} for name in top}
    return {name for name, distributions in wanted.items() if not distributions & declared}


@cache
def _installed() -> Mapping[str, list[str]]:
    return packages_distributions()


def _declared(*places: str) -> set[str]:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    named: set[str] = set()
    for place in places:
        table = project
        for key in place.split("."):
            table = table[key]
        named |= {canonicalize_name(Requirement(text).name) for text in table}
    return named
