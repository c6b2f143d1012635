"""SVG into paper with grain and shadow."""

from __future__ import annotations

import io
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from pipeline.words.picture import PaperSheet

_GRAIN, _FIBRE = 5.0, 4.0
"""How rough the paper is, in steps of 255: single specks, and soft fibres."""
_TILE = 512
_SMALLER = 4
"""A shadow is blurred at this fraction of its size, for nobody sees its edges."""


def drawn(body: str, width: int, height: int, top: int = 0, coarse: int = 1) -> Image.Image:
    """Return SVG elements from `top` down as an image without background; `coarse` 2 is drawn at half the size."""
    import resvg_py

    size = f'width="{width // coarse}" height="{height // coarse}" viewBox="0 {top} {width} {height}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size} preserveAspectRatio="none">{body}</svg>'
    png = resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True)
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    return image if coarse == 1 else image.resize((width, height), Image.Resampling.BICUBIC)


def papery(image: Image.Image, seed: int) -> Image.Image:
    """Return the image with the grain of paper, where there is paper."""
    grain = _grain(seed % 7)
    width, height = image.size
    tiled = Image.new("L", image.size)
    for x in range(0, width, _TILE):
        for y in range(0, height, _TILE):
            tiled.paste(grain, (x, y))
    rgb = Image.merge("RGB", image.split()[:3])
    rough = ImageChops.add(rgb, Image.merge("RGB", (tiled, tiled, tiled)), 1.0, -128)
    rough.putalpha(image.getchannel("A"))
    return rough


def shadowed(image: Image.Image, drop: float, strength: float) -> Image.Image:
    """Return the image above the shadow that it throws `drop` pixels down and to the right."""
    alpha = image.getchannel("A")
    small = (max(1, image.width // _SMALLER), max(1, image.height // _SMALLER))
    soft = alpha.resize(small, Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(drop / _SMALLER))
    shade = soft.resize(image.size, Image.Resampling.BILINEAR).point(lambda value: int(value * strength))
    dark = Image.new("RGBA", image.size, (16, 12, 24, 0))
    fallen = Image.new("L", image.size)
    fallen.paste(shade, (round(drop * 0.6), round(drop * 0.9)))
    dark.putalpha(fallen)
    return Image.alpha_composite(dark, image)


def border(width: int, height: int, rim: float, paper: str) -> Image.Image:
    """Return a frame with a hand-cut inner edge."""
    chance = random.Random(width * height)
    near, far = rim, 0.75 * rim
    steps = [chance.uniform(0.75, 1.3) for _ in range(26)]
    top = [(width * nth / 12, near * steps[nth]) for nth in range(1, 12)]
    low = [(width * (1 - nth / 12), height - far * steps[12 + nth]) for nth in range(1, 12)]
    corners = [(near, near), *top, (width - near, near), (width - far, height - far), *low, (far, height - far)]
    hole = Image.new("L", (width * 2, height * 2), 255)
    ImageDraw.Draw(hole).polygon([(2 * x, 2 * y) for x, y in corners], fill=0)
    frame = Image.new("RGBA", (width, height), paper)
    frame.putalpha(hole.reduce(2))
    return frame


def strips(sheet: PaperSheet) -> Iterator[PaperSheet]:
    """Give a frame as its four sides, so that its empty middle is not laid over every picture of a film."""
    height, width = sheet.pixels.shape[:2]
    rim = max(8, min(width, height) // 12)
    if sheet.pixels[rim:-rim, rim:-rim, 3].any() or width < 4 * rim or height < 4 * rim:
        yield sheet
        return
    middle = slice(rim, height - rim)
    for rows, columns, left, top in (
        (slice(0, rim), slice(None), 0, 0),
        (slice(height - rim, height), slice(None), 0, height - rim),
        (middle, slice(0, rim), 0, rim),
        (middle, slice(width - rim, width), width - rim, rim),
    ):
        side = np.ascontiguousarray(sheet.pixels[rows, columns])
        yield replace(sheet, pixels=side, left=sheet.left + left, top=sheet.top + top)


def flattened(sheets: Iterable[PaperSheet], width: int, height: int) -> Image.Image:
    """Return the sheets laid over each other, the camera standing still."""
    scene = Image.new("RGB", (width, height))
    for sheet in sheets:
        image = Image.fromarray(sheet.pixels)
        scene.paste(image, (sheet.left, sheet.top), image)
    return scene


@cache
def _grain(nth: int) -> Image.Image:
    rng = np.random.default_rng(nth)
    specks: npt.NDArray[np.float64] = rng.normal(0, _GRAIN, (_TILE, _TILE))
    fibres = rng.normal(0, 1, (_TILE, _TILE))
    # Longer than wide, as fibres lie in a sheet; round the edge, so that tiles meet without a seam.
    for shift in (1, 2, 4):
        fibres = fibres + np.roll(fibres, shift, axis=1)
    fibres = fibres + np.roll(fibres, 1, axis=0)
    fibres *= _FIBRE / fibres.std()
    return Image.fromarray(np.clip(128 + specks + fibres, 0, 255).astype(np.uint8))
