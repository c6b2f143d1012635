"""Which places there are, and where things stand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pipeline.pictures.papers import TABLES
from pipeline.tables import read_table

_LARGE_KINDS = frozenset({"building", "land", "big_animal"})


@dataclass(frozen=True)
class Place:
    """How a place is built, from the back to the front; see data/pictures/places.toml."""

    ridges: tuple[str, ...] = ()
    row: tuple[str, ...] = ()
    stands: str = ""
    ground: str = ""
    front: tuple[str, ...] = ()
    wall: str = ""
    hangs: tuple[str, ...] = ()
    water: bool = False
    deep: bool = False
    space: bool = False


@dataclass(frozen=True)
class Scenery:
    """The file data/pictures/places.toml."""

    places: dict[str, Place]
    alike: dict[str, str]
    work: dict[str, str]


@dataclass(frozen=True)
class _Stand:
    sky: frozenset[str]
    large: frozenset[str]
    floor: frozenset[str]


@dataclass(frozen=True)
class _Things:
    stand: _Stand


@cache
def places() -> Scenery:
    """Return every place by its name."""
    return read_table(TABLES / "places.toml", Scenery)


def in_the_sky(name: str) -> bool:
    """Whether it flies, hangs or shines up there."""
    return name in _stand().sky


def is_large(name: str, kind: str = "") -> bool:
    """Whether it is as tall as those who stand before it."""
    return not in_the_sky(name) and (name in _stand().large or kind in _LARGE_KINDS)


def on_the_floor(name: str) -> bool:
    """Whether it stands along a wall, and does not hang on it."""
    return name in _stand().floor


@cache
def _stand() -> _Stand:
    return read_table(TABLES / "things.toml", _Things).stand
