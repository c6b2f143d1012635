"""Papers, dyed by mood and hour."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from pipeline.places import DATA
from pipeline.tables import read_table
from pipeline.words.mood import Emotion

Rgb = tuple[int, int, int]
TABLES = DATA / "pictures"
_SKINS = frozenset({"peach", "almond", "cocoa"})
_NIGHT_ON_THINGS = 0.55
"""How far the hour reaches what stands in the light, as a share of what it does to sky and land."""


@dataclass(frozen=True)
class Dye:
    """How a mood colours a scene."""

    sky: tuple[str, ...]
    """From the top to the horizon."""
    land: tuple[str, ...]
    """From the farthest ridge to the near ground."""
    front: str
    disc: str
    """Of sun or moon."""
    dye: str
    """What every paper is dyed with."""
    strength: float
    """0..1: how strongly."""


@dataclass(frozen=True)
class Hour:
    """How an hour colours a scene."""

    tint: str
    share: float
    darkens: float = 0.0
    """0..1: how much darker, in its own hue."""
    stars: bool = False


@dataclass(frozen=True)
class _Table:
    papers: dict[str, str]
    moods: dict[Emotion, Dye]
    hours: dict[str, Hour] = field(default_factory=dict)


class Papers:
    """Every colour of one scene."""

    def __init__(self, mood: Emotion, hour: str) -> None:
        table = _table()
        self._papers, self._dye = table.papers, table.moods[mood]
        self._hour = table.hours[hour]
        self.stars = self._hour.stars

    @property
    def sky(self) -> tuple[str, ...]:
        return tuple(self._at_hour(colour) for colour in self._dye.sky)

    @property
    def land(self) -> tuple[str, ...]:
        return tuple(self._at_hour(colour) for colour in self._dye.land)

    @property
    def front(self) -> str:
        return self._at_hour(self._dye.front)

    @property
    def disc(self) -> str:
        return self._dye.disc

    def of(self, name: str) -> str:
        """Return a paper by its name, dyed; raises LookupError for a paper that is not on the list."""
        # Skin keeps more of its own colour: nobody is to look ill because it is night.
        share = self._dye.strength * (0.4 if name in _SKINS else 1.0)
        dyed = mixed(self._papers[name], self._dye.dye, share)
        return self._dark(mixed(dyed, self._hour.tint, self._hour.share), _NIGHT_ON_THINGS)

    def lit(self, name: str) -> str:
        """Return a paper that shines by itself: no hour darkens it."""
        return self._papers[name]

    def _at_hour(self, colour: str) -> str:
        return self._dark(mixed(colour, self._hour.tint, self._hour.share), 1.0)

    def _dark(self, colour: str, share: float) -> str:
        return mixed(colour, "#05060c", self._hour.darkens * share)


class Silhouette(Papers):
    """One dark paper for all: what stands nearest is seen against the light."""

    def of(self, name: str) -> str:
        """Return the dark paper, a trace lighter where the piece is light, so that pieces are told apart."""
        return mixed(self.front, super().of(name), 0.16)

    def lit(self, name: str) -> str:
        """Return the dark paper."""
        return self.of(name)


def mixed(colour: str, other: str, share: float) -> str:
    """Return `#rrggbb` that lies at `share` of the way from one colour to the other."""
    pairs = zip(rgb(colour), rgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def rgb(colour: str) -> Rgb:
    """Return the three channels of `#rrggbb`."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


@cache
def _table() -> _Table:
    return read_table(TABLES / "papers.toml", _Table)
