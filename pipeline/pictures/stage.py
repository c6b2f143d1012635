"""A view composed into sheets of paper."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.pictures.backdrops import (
    FALLS,
    Canvas,
    deep_svg,
    floor_svg,
    ridge_svg,
    sky_svg,
    space_svg,
    wall_svg,
    weather_svg,
)
from pipeline.pictures.cutouts import PaperCutter, things, wardrobe
from pipeline.pictures.figures import figure_svg
from pipeline.pictures.paper import border, drawn, papery, shadowed
from pipeline.pictures.papers import Papers, Silhouette, mixed
from pipeline.pictures.scenery import in_the_sky, is_large, on_the_floor, places
from pipeline.words.picture import PaperSheet, PictureFigure, SceneView

MARGIN = 0.06
"""At each side, as a share of the width: where the camera may look when it moves."""
MOST_FIGURES, MOST_THINGS = 4, 5
_FEET, _BACK, _HORIZON = 0.87, 0.73, 0.60
"""Heights of those in front, of what stands behind them, and of the land's end, as shares of the scene's."""
_FIGURE, _BIG, _SMALL, _LANDMARK = 0.46, 0.34, 0.19, 0.56
"""Sizes as shares of the canvas's unit."""
_ROOM = 0.94
"""Of the width, how much a row may take."""


class PaperStage:
    """Builds one scene."""

    def __init__(self, view: SceneView, width: int, height: int) -> None:
        margin = round(width * MARGIN)
        self._margin, self._width, self._height = margin, width, height
        self._canvas = Canvas(width + 2 * margin, height, min(height, width * 1.05))
        self._view, self._place = view, places().places[view.place]
        self._papers = Papers(view.mood, view.hour)
        self._cutter = PaperCutter(self._papers, view.mood)
        self._dark = PaperCutter(Silhouette(view.mood, view.hour), view.mood)
        self._draw = random.Random(f"{view.seed}:{view.place}")
        self._tall = height > width

    def sheets(self) -> list[PaperSheet]:
        """Return the scene from the sky to what stands nearest."""
        indoors = bool(self._place.wall)
        back = [self._walls(), *self._hung()] if indoors else [self._sky(), *self._ridges()]
        return [*back, *self._behind(), *self._players(), *self._front(), *self._weather(), *self._border()]

    def _sky(self) -> PaperSheet:
        if self._place.deep:
            body = deep_svg(self._canvas, self._papers, self._draw)
        elif self._place.space:
            body = space_svg(self._canvas, self._papers, self._draw)
        else:
            body = sky_svg(self._canvas, self._papers, self._draw, disc=not self._names_a_disc())
        return self._full(body, 0.0, shade=0, coarse=2)

    def _names_a_disc(self) -> bool:
        return any(name in ("sun", "moon") for name, _ in self._things())

    def _ridges(self) -> Iterator[PaperSheet]:
        forms = self._place.ridges
        land = self._papers.land
        for nth, form in enumerate(forms):
            share = nth / max(1, len(forms) - 1)
            level = self._height * (_HORIZON + (_BACK - _HORIZON) * share) - self._canvas.unit * 0.05 * (1 - share)
            shade = self._sheet_paper(form, land[min(nth, len(land) - 2)], share)
            body = ridge_svg(form, self._canvas, level, shade, self._draw)
            top = level - self._canvas.unit * 0.31
            if nth == len(forms) - 1:
                body = self._row(level) + body + self._ground(level)
            # What is far may be a little soft, and costs a quarter.
            yield self._full(body, 0.15 + 0.3 * share, round(top), coarse=1 if nth == len(forms) - 1 else 2)

    def _sheet_paper(self, form: str, land: str, share: float) -> str:
        if form == "waves":
            return mixed(mixed(self._papers.of("sky"), self._papers.of("blue"), 0.3 + 0.6 * share), land, 0.5)
        if self._place.ground and share > 0.5:
            return mixed(self._papers.of(self._place.ground), land, 0.5)
        return land

    def _ground(self, level: float) -> str:
        """Return the near ground, on which those in front stand."""
        land = self._papers.land[-1]
        near = mixed(self._papers.of(self._place.ground), land, 0.55) if self._place.ground else land
        form = "waves" if self._place.water else "hills"
        if self._place.water:
            near = mixed(self._papers.of("blue"), land, 0.5)
        return ridge_svg(
            form, self._canvas, max(level + self._canvas.unit * 0.09, self._height * 0.80), near, self._draw
        )

    def _row(self, level: float) -> str:
        """Return what stands along the last ridge, half hidden by it."""
        names, parts = self._place.row, []
        count = len(names)
        for nth, name in enumerate(names):
            size = self._canvas.unit * (0.30 if is_large(name) else 0.22) * self._draw.uniform(0.85, 1.15)
            x = self._canvas.width * (nth + 0.5 + self._draw.uniform(-0.2, 0.2)) / count - size / 2
            parts.append(_placed(self._cutter.cut(things()[name]), x, level - size + self._canvas.unit * 0.06, size))
        return "".join(parts)

    def _walls(self) -> PaperSheet:
        floor_y = self._height * _BACK
        paper = mixed(self._papers.of(self._place.wall), self._papers.sky[1], 0.66)
        boards = mixed(self._papers.of(self._place.ground or "brown"), self._papers.land[-1], 0.60)
        body = wall_svg(self._canvas, paper, floor_y, self._draw) + floor_svg(self._canvas, floor_y, boards)
        return self._full(body, 0.1, shade=0, coarse=2)

    def _hung(self) -> Iterator[PaperSheet]:
        """Give what hangs or stands along the wall."""
        floor_y, count = self._height * _BACK, len(self._place.hangs)
        for nth, name in enumerate(self._place.hangs):
            stands = on_the_floor(name)
            size = self._canvas.unit * (0.40 if stands else 0.26)
            x = (nth + 0.5) / count + self._draw.uniform(-0.02, 0.02)
            yield self._sprite(name, x, floor_y + 6 if stands else floor_y * 0.16 + size, size, 0.15)

    def _behind(self) -> Iterator[PaperSheet]:
        """Give the landmark, what is in the sky, and large things behind those in front."""
        unit = self._canvas.unit
        if self._place.stands:
            side = self._draw.choice((0.15, 0.85))
            yield self._sprite(self._place.stands, side, self._height * (_BACK + 0.05), unit * _LANDMARK, 0.45)
        above = [name for name, _ in self._things() if in_the_sky(name) and name not in self._place.hangs]
        for nth, name in enumerate(above):
            x = (nth + 0.5) / len(above) * 0.8 + 0.1 + self._draw.uniform(-0.06, 0.06)
            y = self._height * (0.36 if nth % 2 else 0.28) + self._draw.uniform(-10, 10)
            yield self._sprite(name, x, y, unit * 0.22, 0.2)
        large = [(name, kind) for name, kind in self._things() if is_large(name, kind)]
        for nth, (name, kind) in enumerate(large):
            x = _SPREAD[min(len(large), 4)][min(nth, 3)]
            size = unit * (0.48 if kind == "building" else _BIG * 1.1)
            yield self._sprite(name, x, self._height * (_BACK + 0.045), size, 0.5)

    def _players(self) -> Iterator[PaperSheet]:
        """Give the figures, and small things between and beside them."""
        figures = self._view.figures[:MOST_FIGURES]
        small = [name for name, kind in self._things() if not is_large(name, kind) and not in_the_sky(name)]
        feet = self._height * (0.80 if self._tall else _FEET)
        size = self._canvas.unit * _FIGURE * (1.0 if len(figures) < 3 else 0.86)
        if self._tall:
            yield from self._in_row(figures, (), feet, size)
            yield from self._in_row((), small, self._height * 0.93, size)
        else:
            yield from self._in_row(figures, small, feet, size)

    def _in_row(
        self, figures: Sequence[PictureFigure], small: Sequence[str], feet: float, size: float
    ) -> Iterator[PaperSheet]:
        little = self._canvas.unit * _SMALL
        row: list[PictureFigure | str] = [*figures]
        for nth, name in enumerate(small):
            # The middle belongs to the figures; things stand between them first, then outside, left and right.
            at = 1 if nth == 0 and len(figures) > 1 else (0 if nth % 2 else len(row))
            row.insert(at, name)
        wide = [size * _width_of(one) if isinstance(one, PictureFigure) else little * 1.15 for one in row]
        fit = min(1.0, self._width * _ROOM / max(1.0, sum(wide)))
        gap = (self._width * _ROOM - sum(wide) * fit) / (len(row) + 1)
        gap = min(gap, size * 0.5)
        x = (self._width - sum(wide) * fit - gap * (len(row) - 1)) / 2
        for nth, (one, space) in enumerate(zip(row, wide, strict=True)):
            middle = x + space * fit / 2
            if isinstance(one, PictureFigure):
                # Those at the right look to the left, so that people look at each other.
                yield self._somebody(one, middle, feet, size * fit, turned=middle > self._width * 0.52)
            else:
                yield self._sprite(one, middle / self._width, feet + 12 + 6 * (nth % 2), little * fit, 0.75)
            x += space * fit + gap

    def _somebody(self, figure: PictureFigure, x: float, feet: float, size: float, *, turned: bool) -> PaperSheet:
        body = figure_svg(figure, self._cutter)
        if turned:
            body = f'<g transform="translate(100 0) scale(-1 1)">{body}</g>'
        lift = size * 0.3 if in_the_sky(figure.what) else 0.0
        return self._cut_sheet(body, x, feet - lift, size, 0.7, who=figure.name)

    def _front(self) -> Iterator[PaperSheet]:
        """Give what stands nearest: dark, along the lower edge."""
        if not self._place.front:
            return
        dark = self._papers.front
        parts = []
        count = len(self._place.front)
        for nth, name in enumerate(self._place.front):
            size = self._canvas.unit * self._draw.uniform(0.13, 0.19)
            x = self._canvas.width * (nth + 0.5 + self._draw.uniform(-0.2, 0.2)) / count - size / 2
            # Along the sides more than in the middle, which belongs to the words.
            low = 0.35 * (1 - abs(2 * (nth + 0.5) / count - 1))
            parts.append(_placed(self._dark.cut(things()[name]), x, self._height - size * (0.82 - low), size))
        edge = ridge_svg("hills", self._canvas, self._height * 0.97, dark, self._draw)
        yield self._full("".join(parts) + edge, 1.0, round(self._height * 0.80))

    def _weather(self) -> Iterator[PaperSheet]:
        """Give rain, snow or fog in front of all, where one is out of doors."""
        weather = self._view.weather
        if self._place.wall or self._place.deep or not weather:
            return
        body = weather_svg(weather, self._canvas, self._draw)
        image = drawn(body, self._canvas.width, self._height, coarse=2)
        yield PaperSheet(np.asarray(image), -self._margin, 0, 0.9, falls=FALLS[weather])

    def _border(self) -> Iterator[PaperSheet]:
        """Give a frame of dark paper with a hand-cut inner edge: the mouth of the theatre."""
        rim, dark = self._canvas.unit * 0.035, mixed(self._papers.front, "#0d0a14", 0.35)
        image = border(self._width, self._height, rim, dark)
        yield PaperSheet(np.asarray(shadowed(image, self._canvas.unit * 0.014, 0.42)), 0, 0, 0.0)

    def _things(self) -> list[tuple[str, str]]:
        """Return what the words name, but for what the place has already."""
        there = {*self._place.hangs, self._place.stands}
        indoors = bool(self._place.wall)
        here = [one for one in self._view.things if one[0] not in there and not (indoors and one[1] == "weather")]
        return here[:MOST_THINGS]

    def _sprite(self, name: str, x: float, feet: float, size: float, depth: float) -> PaperSheet:
        shape = things()[name]
        light = shape.startswith("glow")
        return self._cut_sheet(self._cutter.cut(shape), x * self._width, feet, size, depth, light=light)

    def _cut_sheet(
        self, body: str, x: float, feet: float, size: float, depth: float, *, who: str = "", light: bool = False
    ) -> PaperSheet:
        """Return a small sheet whose drawing stands at `feet`; wider than its square, for hats and held things."""
        wide = round(size * 1.7)
        pad = (wide - size) / 2
        image = drawn(_placed(body, pad, pad, size), wide, wide)
        finished = shadowed(papery(image, self._view.seed), max(3.0, size * 0.03), 0.5)
        box = finished.getbbox() or (0, 0, 1, 1)
        left, top = round(x - wide / 2), round(feet - size - pad)
        return PaperSheet(np.asarray(finished.crop(box)), left + box[0], top + box[1], depth, who, light)

    def _full(self, body: str, depth: float, top: int = 0, shade: float = 0.42, coarse: int = 1) -> PaperSheet:
        top = max(0, top)
        image = drawn(body, self._canvas.width, self._height - top, top, coarse)
        image = papery(image, self._view.seed + round(depth * 10))
        if shade:
            image = shadowed(image, self._canvas.unit * 0.014, shade)
        box = image.getbbox() or (0, 0, 1, 1)
        return PaperSheet(np.asarray(image.crop(box)), box[0] - self._margin, top + box[1], depth)


_SPREAD = {0: (0.5,), 1: (0.82,), 2: (0.17, 0.83), 3: (0.15, 0.85, 0.5), 4: (0.13, 0.87, 0.37, 0.63)}


def _width_of(figure: PictureFigure) -> float:
    """Return how much of its square somebody fills: people are slim, animals are not."""
    return 0.78 if figure.what in wardrobe().people else 0.98


def _placed(body: str, x: float, y: float, size: float) -> str:
    return f'<g transform="translate({x:.1f} {y:.1f}) scale({size / 100:.4f})">{body}</g>'
