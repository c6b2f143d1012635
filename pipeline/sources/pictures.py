"""What can be seen in a picture."""

from __future__ import annotations

import colorsys
from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.errors import Refused
from pipeline.words.source import Document, Fact, SourceKind

MOST_PIXELS = 50_000_000
_LOOKED_AT = 96
"""Pixels of the longer side by which colours and light are judged."""
_LEAST_SHARE = 0.08
_HUES = (
    (18, "red"), (42, "orange"), (70, "yellow"), (165, "green"), (200, "turquoise"), (255, "blue"), (290, "violet"),
    (335, "pink"), (361, "red"),
)  # fmt: skip
"""Where each colour ends on the wheel, in degrees."""


def read_picture(path: Path) -> Document:
    """Its colours and its light; raises Refused `picture_big` or `file_damaged`."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # its own bound knows only half of what ours says
    try:
        with Image.open(path) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Refused("picture_big", width=picture.width, height=picture.height)
            picture.draft("RGB", (_LOOKED_AT, _LOOKED_AT))
            picture.thumbnail((_LOOKED_AT, _LOOKED_AT))
            pixels = np.asarray(picture.convert("RGB"), np.float32) / np.float32(255)
    except (OSError, ValueError, SyntaxError) as error:
        raise Refused("file_damaged", why="the picture cannot be opened") from error
    return Document(SourceKind.PICTURE, found=tuple(_seen(pixels.reshape(-1, 3))))


def _seen(pixels: npt.NDArray[np.float32]) -> list[Fact]:
    names = Counter(_name(*map(float, pixel)) for pixel in pixels)
    first = [(name, count / len(pixels)) for name, count in names.most_common(3)]
    colours = [name for name, share in first if share >= _LEAST_SHARE]
    brightness = float((pixels @ np.array([0.2126, 0.7152, 0.0722], np.float32)).mean())
    found = [Fact(happening="light", slots={"light": _light(brightness)})]
    return [*found, *(Fact(happening="colour", slots={"colour": name}) for name in colours)]


def _light(brightness: float) -> str:
    return "night" if brightness < 0.18 else "dusk" if brightness < 0.4 else "day" if brightness < 0.7 else "bright"


def _name(red: float, green: float, blue: float) -> str:
    hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    if value < 0.16:
        return "black"
    if saturation < 0.14:
        return "white" if value > 0.85 else "grey"
    name = next(name for edge, name in _HUES if hue * 360 < edge)
    return "brown" if name == "orange" and value < 0.65 else name
