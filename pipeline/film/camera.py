"""One scene in motion."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image

from pipeline.pictures.paper import strips
from pipeline.words.picture import PaperSheet

PAN = 0.055
"""How far the nearest sheet moves while a scene lasts, as a share of the width; less than the stage's margins."""
_LONGEST_S = 24.0
"""A scene that lasts longer is panned to and fro."""
_NODS_PX, _NOD_S = 5, 0.36
_BREATH_S = 2.6
"""Slower by far than three flashes in a second, which nobody may be shown."""


class Camera:
    """Draws a scene's sheets as they lie at a moment; remembers what it drew last."""

    def __init__(self, sheets: Sequence[PaperSheet], width: int, height: int, *, leftwards: bool) -> None:
        self._width, self._height, self._side = width, height, -1 if leftwards else 1
        split = [piece for sheet in sheets for piece in strips(sheet)]
        self._sheets = [(sheet, Image.fromarray(sheet.pixels)) for sheet in split]
        self.lies: tuple[tuple[int, int], ...] = ()
        """Where each sheet lies now: the same places are the same picture."""
        self.frame = Image.new("RGB", (width, height))

    def at(self, since_s: float, length_s: float, speaker: str) -> None:
        """Draw the scene `since_s` after it began, with whoever speaks nodding, into `frame`."""
        pan = self._pan(since_s, length_s)
        lies = tuple(self._place(sheet, pan, since_s, speaker) for sheet, _ in self._sheets)
        if lies != self.lies:
            self.lies = lies
            for (sheet, image), (x, y) in zip(self._sheets, lies, strict=True):
                self._lay(sheet, image, x, y)

    def _pan(self, since_s: float, length_s: float) -> float:
        """Return -1..1, slow at both ends."""
        round_trip = min(length_s, _LONGEST_S)
        share = since_s / max(0.1, round_trip) % 2
        share = 2 - share if share > 1 else share
        return -math.cos(math.pi * share) * self._side

    def _place(self, sheet: PaperSheet, pan: float, since_s: float, speaker: str) -> tuple[int, int]:
        x = sheet.left - round(pan * PAN * self._width * sheet.depth)
        y = sheet.top
        if sheet.who and sheet.who == speaker:
            y -= round(_NODS_PX * abs(math.sin(math.pi * since_s / _NOD_S)))
        if sheet.light:
            y -= round(1.5 * math.sin(math.tau * since_s / _BREATH_S))
        if sheet.falls:
            y += int(since_s * sheet.falls) % self._height
        return x, y

    def _lay(self, sheet: PaperSheet, image: Image.Image, x: int, y: int) -> None:
        self.frame.paste(image, (x, y), image)
        if sheet.falls and y > 0:
            self.frame.paste(image, (x, y - self._height), image)
