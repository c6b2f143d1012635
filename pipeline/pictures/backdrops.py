"""Sky, ridges, rooms and what stands nearest."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.pictures.papers import Papers, mixed


@dataclass(frozen=True)
class Canvas:
    """Where one scene is drawn."""

    width: int
    """With the margins at both sides, into which the camera may look."""
    height: int
    unit: float
    """What sizes are shares of, in pixels."""


def sky_svg(canvas: Canvas, papers: Papers, draw: random.Random, *, disc: bool) -> str:
    """Return the sky as sheets around its light, each a little darker than the one inside."""
    top, middle, low = papers.sky
    width, height = canvas.width, canvas.height
    x, y = width * draw.uniform(0.24, 0.76), height * draw.uniform(0.20, 0.34)
    shades = [mixed(top, middle, share) for share in (0.0, 0.33, 0.66)] + [
        mixed(middle, low, share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    parts = [f'<rect width="{width}" height="{height}" fill="{shades[0]}"/>']
    for nth, shade in enumerate(shades[1:], 1):
        reach = canvas.unit * (1.36 - 0.155 * nth)
        parts.append(_ragged(x, y, reach, draw, shade))
    if disc:
        parts.append(_disc(x, y, canvas.unit * 0.085, papers))
    if papers.stars:
        parts += [_star(draw, canvas, papers.disc) for _ in range(46)]
    return "".join(parts)


def space_svg(canvas: Canvas, papers: Papers, draw: random.Random) -> str:
    """Return a black sky full of stars."""
    dark = mixed(papers.sky[0], "#07060f", 0.45)
    stars = "".join(_star(draw, canvas, "#fff6da") for _ in range(150))
    return f'<rect width="{canvas.width}" height="{canvas.height}" fill="{dark}"/>{stars}'


def deep_svg(canvas: Canvas, papers: Papers, draw: random.Random) -> str:
    """Return the light under water, from above."""
    water = [mixed(papers.of("sky"), papers.of("navy"), share) for share in (0.15, 0.35, 0.55, 0.75, 0.95)]
    tinted = zip(water, (*papers.sky, *papers.land[:2]), strict=True)
    shades = [mixed(one, mood, 0.5) for one, mood in tinted]
    parts = [f'<rect width="{canvas.width}" height="{canvas.height}" fill="{shades[0]}"/>']
    for nth, shade in enumerate(shades[1:], 1):
        level = canvas.height * (0.08 + 0.17 * nth)
        parts.append(ridge_svg("waves", canvas, level, shade, draw))
    for _ in range(3):
        x = canvas.width * draw.random()
        beam = f"M{x:.0f} 0 L{x + 90:.0f} 0 L{x + 20:.0f} {canvas.height} L{x - 190:.0f} {canvas.height} Z"
        parts.append(f'<path d="{beam}" fill="#ffffff" fill-opacity="0.07"/>')
    return "".join(parts)


def wall_svg(canvas: Canvas, paper: str, floor_y: float, draw: random.Random) -> str:
    """Return a room's wall with its pattern and skirting."""
    width = canvas.width
    dark, light = mixed(paper, "#1a1420", 0.16), mixed(paper, "#ffffff", 0.10)
    stripe = canvas.unit * 0.075
    stripes = " ".join(
        f"M{nth * stripe:.0f} 0 h{stripe:.0f} v{floor_y:.0f} h-{stripe:.0f} Z"
        for nth in range(0, int(width / stripe) + 1, 2)
    )
    lit = f'cx="{width * draw.uniform(0.35, 0.65):.0f}" cy="{floor_y * 0.45:.0f}" fill="#fff1c9" fill-opacity="0.11"'
    glow = "".join(f'<circle {lit} r="{canvas.unit * reach:.0f}"/>' for reach in (0.75, 0.5, 0.3))
    skirting = f'y="{floor_y - canvas.unit * 0.03:.0f}" width="{width}" height="{canvas.unit * 0.04:.0f}"'
    return (
        f'<rect width="{width}" height="{canvas.height}" fill="{paper}"/>'
        f'<path d="{stripes}" fill="{light}" fill-opacity="0.5"/>{glow}<rect {skirting} fill="{dark}"/>'
    )


FALLS = {"rain": 900, "storm": 1_200, "snow": 60, "fog": 0}
"""How fast each weather falls, in pixels a second."""


def weather_svg(weather: str, canvas: Canvas, draw: random.Random) -> str:
    """Return what falls or hangs in the air."""
    width, height, unit = canvas.width, canvas.height, canvas.unit
    if weather == "fog":
        bands = [(draw.random() * width, height * draw.uniform(0.45, 0.8)) for _ in range(7)]
        return "".join(
            f'<rect x="{x - unit * 0.5:.0f}" y="{y:.0f}" width="{unit:.0f}" height="{unit * 0.05:.0f}" '
            f'rx="{unit * 0.025:.0f}" fill="#ffffff" fill-opacity="0.28"/>'
            for x, y in bands
        )
    if weather == "snow":
        flakes = [
            (draw.random() * width, draw.random() * height, unit * draw.uniform(0.003, 0.009)) for _ in range(110)
        ]
        return "".join(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r:.1f}" fill="#ffffff"/>' for x, y, r in flakes)
    lean, long = (0.018, 0.06) if weather == "storm" else (0.008, 0.045)
    drops = [(draw.random() * width, draw.random() * height) for _ in range(120)]
    lines = " ".join(f"M{x:.0f} {y:.0f} l{-unit * lean:.0f} {unit * long:.0f}" for x, y in drops)
    return f'<path d="{lines}" stroke="#dfeaf6" stroke-opacity="0.55" stroke-width="{unit * 0.004:.1f}"/>'


def ridge_svg(form: str, canvas: Canvas, level: float, shade: str, draw: random.Random) -> str:
    """Return one ridge from its crest at about `level` down to the lower edge."""
    crest = _CRESTS[form](canvas, level, draw)
    line = " ".join(f"{x:.0f},{y:.0f}" for x, y in crest)
    edge = mixed(shade, "#ffffff", 0.22)
    # A lighter edge, as where a knife went through white-cored card.
    cut = f'<polyline points="{line}" fill="none" stroke="{edge}" stroke-width="{canvas.unit * 0.005:.1f}"/>'
    body = f'<polygon points="0,{canvas.height} {line} {canvas.width},{canvas.height}" fill="{shade}"/>'
    return body + cut


def floor_svg(canvas: Canvas, floor_y: float, paper: str) -> str:
    """Return boards that run to the back."""
    dark = mixed(paper, "#1a1420", 0.22)
    rows = [floor_y + (canvas.height - floor_y) * share for share in (0.16, 0.40, 0.70)]
    lines = "".join(f'<rect y="{y:.0f}" width="{canvas.width}" height="3" fill="{dark}"/>' for y in rows)
    return f'<rect y="{floor_y:.0f}" width="{canvas.width}" height="{canvas.height}" fill="{paper}"/>{lines}'


def _disc(x: float, y: float, r: float, papers: Papers) -> str:
    """Return the sun, or at night the moon's crescent."""
    round_ = (
        f"M{x - r:.0f} {y:.0f} A{r:.0f} {r:.0f} 0 1 1 {x + r:.0f} {y:.0f} A{r:.0f} {r:.0f} 0 1 1 {x - r:.0f} {y:.0f} Z"
    )
    if papers.stars:
        tip, low, in_ = r * 0.35, r * 0.94, r * 0.85
        round_ = (
            f"M{x + tip:.0f} {y - low:.0f} A{r:.0f} {r:.0f} 0 1 0 {x + tip:.0f} {y + low:.0f} "
            f"A{in_:.0f} {r:.0f} 0 0 1 {x + tip:.0f} {y - low:.0f} Z"
        )
    shade = f'<path d="{round_}" fill="#100c18" fill-opacity="0.25" transform="translate(3 5)"/>'
    return f'{shade}<path d="{round_}" fill="{papers.disc}"/>'


def _ragged(x: float, y: float, reach: float, draw: random.Random, shade: str) -> str:
    """Return a disc that scissors went around, with its shadow."""
    turns = [math.tau * nth / 40 for nth in range(40)]
    phase, wave = draw.uniform(0, math.tau), draw.choice((5, 6, 7))
    far = [reach * (1 + 0.035 * math.sin(wave * turn + phase)) for turn in turns]
    points = " ".join(
        f"{x + r * 1.25 * math.cos(turn):.0f},{y + r * math.sin(turn):.0f}" for turn, r in zip(turns, far, strict=True)
    )
    return (
        f'<polygon points="{points}" fill="#100c18" fill-opacity="0.10" transform="translate(3 6)"/>'
        f'<polygon points="{points}" fill="{shade}"/>'
    )


def _star(draw: random.Random, canvas: Canvas, paper: str) -> str:
    x, y, r = draw.random() * canvas.width, draw.random() ** 1.4 * canvas.height * 0.6, draw.uniform(1.2, 3.4)
    shape = f"M{x:.0f} {y - 2 * r:.1f} L{x + r * 0.6:.1f} {y:.1f} L{x:.0f} {y + 2 * r:.1f} L{x - r * 0.6:.1f} {y:.1f} Z"
    return f'<path d="{shape}" fill="{paper}"/>'


Crest = list[tuple[float, float]]


def _hills(canvas: Canvas, level: float, draw: random.Random) -> Crest:
    a, b = draw.uniform(0, math.tau), draw.uniform(0, math.tau)
    long, short = draw.uniform(1.2, 2.2), draw.uniform(2.6, 4.2)
    rise = canvas.unit * 0.055
    return [
        (
            canvas.width * at,
            level + rise * (math.sin(long * math.tau * at + a) + 0.5 * math.sin(short * math.tau * at + b)),
        )
        for at in (nth / 60 for nth in range(61))
    ]


def _dunes(canvas: Canvas, level: float, draw: random.Random) -> Crest:
    a = draw.uniform(0, 1)
    rise = canvas.unit * 0.07
    return [
        (canvas.width * at, level - rise * (2 * abs(((1.6 * at + a) % 1) - 0.5)) ** 1.5)
        for at in (nth / 80 for nth in range(81))
    ]


def _peaks(canvas: Canvas, level: float, draw: random.Random) -> Crest:
    count = max(5, round(canvas.width / canvas.unit * 5))
    return [
        (
            canvas.width * nth / count,
            level + canvas.unit * (draw.uniform(-0.20, -0.09) if nth % 2 else draw.uniform(0.0, 0.05)),
        )
        for nth in range(count + 1)
    ]


def _trees(canvas: Canvas, level: float, draw: random.Random) -> Crest:
    step = canvas.unit * 0.055
    crest: Crest = []
    for nth in range(int(canvas.width / step) + 1):
        x, tall = nth * step, canvas.unit * draw.uniform(0.05, 0.15)
        crest += [(x, level), (x + step * 0.5, level - tall), (x + step * 0.95, level)]
    return [*crest, (canvas.width, level)]


def _city(canvas: Canvas, level: float, draw: random.Random) -> Crest:
    crest: Crest = []
    x = 0.0
    while x < canvas.width:
        wide, tall = canvas.unit * draw.uniform(0.06, 0.13), canvas.unit * draw.uniform(0.06, 0.30)
        crest += [(x, level - tall), (x + wide, level - tall)]
        x += wide
    return crest


def _roofs(canvas: Canvas, level: float, draw: random.Random) -> Crest:
    crest: Crest = []
    x = 0.0
    while x < canvas.width:
        wide, tall = canvas.unit * draw.uniform(0.09, 0.15), canvas.unit * draw.uniform(0.03, 0.09)
        gable = canvas.unit * draw.uniform(0.05, 0.09)
        crest += [(x, level - tall), (x + wide / 2, level - tall - gable), (x + wide, level - tall)]
        x += wide
    return crest


def _waves(canvas: Canvas, level: float, draw: random.Random) -> Crest:
    a, length = draw.uniform(0, 1), canvas.unit * 0.16
    return [
        (x, level - canvas.unit * 0.022 * abs(math.sin(math.pi * (x / length + a))))
        for x in (canvas.width * nth / 140 for nth in range(141))
    ]


_CRESTS: dict[str, Callable[[Canvas, float, random.Random], Crest]] = {
    "hills": _hills, "dunes": _dunes, "peaks": _peaks, "trees": _trees, "city": _city, "roofs": _roofs,
    "waves": _waves,
}  # fmt: skip
