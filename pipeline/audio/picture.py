"""A tale as a picture of its sound."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

WIDTH, HEIGHT = 1_200, 630
_BAR, _GAP = 6, 3
_EDGE_SHARE = 0.06
_CENTRE, _TALLEST = 0.54, 0.38
"""Where the bars' middle line lies, and how far they may reach from it, as shares of the height."""
_PAPER = np.array([18, 18, 28], np.float32)

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Stretch:
    """A part of the tale under one mood."""

    start: float
    """Share of the tale, 0..1."""
    colour: str
    """`#rrggbb`."""


BARS = int(WIDTH * (1 - 2 * _EDGE_SHARE)) // (_BAR + _GAP)
"""How many points the picture shows."""


def picture(heights: npt.NDArray[np.float64], stretches: Sequence[Stretch]) -> bytes:
    """A PNG of 1200 by 630: a bar a point, coloured by mood, over a paper that glows in the same colours."""
    colours = _colours(stretches)
    bars = np.interp(np.linspace(0, 1, BARS), np.linspace(0, 1, len(heights)), heights)
    pixels = _paper(colours)
    left = (WIDTH - BARS * (_BAR + _GAP) + _GAP) // 2
    middle = int(HEIGHT * _CENTRE)
    for nth, height in enumerate(bars):
        half = max(_BAR // 2, int(height * HEIGHT * _TALLEST))
        x = left + nth * (_BAR + _GAP)
        lit = colours[x + _BAR // 2]
        pixels[middle - half : middle, x : x + _BAR] = lit
        below = pixels[middle : middle + half // 2, x : x + _BAR]
        fading = np.linspace(0.45, 0.05, len(below), dtype=np.float32)[:, None, None]
        below += (lit - below) * fading
    return _png(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))


def _colours(stretches: Sequence[Stretch]) -> npt.NDArray[np.float32]:
    """One a column, flowing from mood to mood."""
    if not stretches:
        return np.full((WIDTH, 3), 160, np.float32)
    edges = [one.start for one in stretches] + [1.0]
    centres = [(start + end) / 2 for start, end in pairwise(edges)]
    at = np.linspace(-_EDGE_SHARE, 1 + _EDGE_SHARE, WIDTH)
    lights = [bytes.fromhex(one.colour.removeprefix("#")) for one in stretches]
    channels = [np.interp(at, centres, [light[channel] for light in lights]) for channel in range(3)]
    return np.stack(channels, axis=1).astype(np.float32)


def _paper(colours: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Dark, with the moods glowing around the middle line."""
    wide = np.convolve(np.pad(colours.mean(axis=1), 90, mode="edge"), np.full(181, 1 / 181), "valid")
    tint = colours * (wide / np.maximum(1, colours.mean(axis=1)))[:, None]
    rows = np.arange(HEIGHT, dtype=np.float32) / HEIGHT
    glow = 0.20 * np.exp(-(((rows - _CENTRE) / 0.33) ** 2)).astype(np.float32)
    return np.asarray(_PAPER + tint[None] * glow[:, None, None], np.float32)


def _png(pixels: Pixels) -> bytes:
    """Each row as its difference to the one above, which is what glows and bars pack best as."""
    height, width = pixels.shape[:2]
    rows = pixels.reshape(height, -1)
    packed = np.empty((height, 1 + rows.shape[1]), np.uint8)
    packed[:, 0] = 2
    packed[0, 1:] = rows[0]
    packed[1:, 1:] = rows[1:] - rows[:-1]
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(packed.tobytes(), 6)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
