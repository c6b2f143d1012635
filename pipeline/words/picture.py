"""What a scene shows, and its pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.words.mood import Emotion
from pipeline.words.sound import Artifact


@dataclass(frozen=True)
class PictureFigure:
    """Somebody in a scene's picture; the same fields give the same figure in every scene."""

    what: str
    """The noun's name in the tables: `owl`, `lighthouse keeper`, `clock`."""
    name: str
    """As the tale calls them."""
    gender: str = ""
    """`f`, `m` or empty."""
    kind: str = ""
    """The noun's kind, for who stands in no table."""
    seed: int = 0


@dataclass(frozen=True)
class SceneView:
    """What stands in one scene's picture, as its words say."""

    mood: Emotion
    place: str = "land"
    """The name of a place in data/pictures/places.toml."""
    hour: str = "day"
    """`morning`, `day`, `evening` or `night`."""
    weather: str = ""
    """`rain`, `snow`, `fog`, `storm`, or empty."""
    figures: tuple[PictureFigure, ...] = ()
    things: tuple[tuple[str, str], ...] = ()
    """(name in the tables, kind), in the order in which the words name them."""
    seed: int = 0
    """Of the tale and the scene."""
    words: str = ""
    """The scene in one line, for an illustrator that paints from words."""


@dataclass(frozen=True)
class PaperSheet:
    """One sheet of paper of a scene, with the shadow it throws."""

    pixels: npt.NDArray[np.uint8]
    """Height, width, four channels: red, green, blue and how solid."""
    left: int
    top: int
    """Where it lies when the camera stands still, in pixels."""
    depth: float
    """0..1: how far it moves with the camera; 0 is the sky."""
    who: str = ""
    """The name of the figure on it, who moves while they speak."""
    light: bool = False
    """Whether it is a light, which breathes."""
    falls: int = 0
    """Pixels a second by which it falls, over and over: rain, snow."""


@dataclass(frozen=True)
class Picture:
    """One scene's picture as kept."""

    scene: int
    image: Artifact
    alt: str
    """What is to be seen, for whom it cannot be seen."""
    view: SceneView
