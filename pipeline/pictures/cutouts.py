"""Cut shapes as SVG: the drawing language."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from pipeline.pictures.papers import TABLES, Papers
from pipeline.tables import read_table
from pipeline.words.mood import Emotion

_SHADOW = 'fill-opacity="0.20" stroke-opacity="0.20"'
_DROP_X, _DROP_Y = 1.1, 1.6
"""How far a piece's shadow falls on the piece below, in hundredths of the thing."""
_TOKEN = re.compile(r"'([^']+)'|(\S+)")


@dataclass(frozen=True)
class _Table:
    things: dict[str, str]


@dataclass(frozen=True)
class Clothes:
    """What a person of the table wears; empty where the figure chooses by itself."""

    body: str
    a: str = ""
    b: str = ""
    """Papers of the clothes."""
    h: str = ""
    """Paper of the hair."""
    hair: str = ""
    hat: str = ""
    beard: str = ""
    """Its paper."""
    hold: str = ""
    """The thing in the hand."""
    cape: str = ""
    nose: str = ""
    glasses: bool = False
    patch: bool = False
    mask: bool = False
    ears: bool = False
    small: bool = False


@dataclass(frozen=True)
class Wardrobe:
    """The file data/pictures/beings.toml."""

    animals: dict[str, str]
    people: dict[str, Clothes]
    alike: dict[str, str]
    bodies: dict[str, str]
    hair: dict[str, str]
    hats: dict[str, str]
    held: dict[str, str]


@dataclass(frozen=True)
class PaperCutter:
    """Cuts shapes from the papers of one scene."""

    papers: Papers
    mood: Emotion = Emotion.NEUTRAL
    """The look on faces."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """Papers that this shape chooses by itself: `a` the coat, `k` the skin."""

    def cut(self, shape: str) -> str:
        """Return the SVG of a shape in its square of 100 by 100; raises LookupError for a word it does not know."""
        return "".join(self._piece(piece) for piece in shape.split(";") if piece.strip())

    def _piece(self, piece: str) -> str:
        verb, *rest = (quoted or plain for quoted, plain in _TOKEN.findall(piece))
        return _VERBS[verb](self, rest)

    def paper(self, name: str) -> str:
        """Return the colour of a paper, or of the paper that a part stands for."""
        return self.papers.of(self.parts.get(name, name))

    def _cast(self, svg: str) -> str:
        """Return the piece with the shadow it throws on what lies below."""
        dark = re.sub(r'(fill|stroke)="#[0-9a-f]{6}"', r'\1="#120e1a"', svg)
        return f'<g transform="translate({_DROP_X} {_DROP_Y})" {_SHADOW}>{dark}</g>{svg}'

    def _circle(self, words: list[str]) -> str:
        paper, x, y, r = words
        return self._cast(f'<circle cx="{x}" cy="{y}" r="{r}" fill="{self.paper(paper)}"/>')

    def _ellipse(self, words: list[str]) -> str:
        paper, x, y, rx, ry, *turn = words
        turned = f' transform="rotate({turn[0]} {x} {y})"' if turn else ""
        return self._cast(f'<ellipse cx="{x}" cy="{y}" rx="{rx}" ry="{ry}" fill="{self.paper(paper)}"{turned}/>')

    def _rectangle(self, words: list[str]) -> str:
        paper, x, y, width, height, *round_ = words
        corner = f' rx="{round_[0]}"' if round_ else ""
        return self._cast(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}"{corner} fill="{self.paper(paper)}"/>'
        )

    def _path(self, words: list[str]) -> str:
        paper, *drawn = words
        return self._cast(f'<path d="{" ".join(drawn)}" fill="{self.paper(paper)}"/>')

    def _line(self, words: list[str]) -> str:
        paper, width, *drawn = words
        return self._cast(
            f'<path d="{" ".join(drawn)}" fill="none" stroke="{self.paper(paper)}" stroke-width="{width}" '
            'stroke-linecap="round" stroke-linejoin="round"/>'
        )

    def _star(self, words: list[str]) -> str:
        paper, x, y, r, points = words[0], *map(float, words[1:])
        inner = 0.42 if points < 6 else 0.72
        corners = [
            (x + reach * math.sin(turn), y - reach * math.cos(turn))
            for nth in range(int(points) * 2)
            for turn, reach in ((math.pi * nth / points, r if nth % 2 == 0 else r * inner),)
        ]
        drawn = " ".join(f"{a:.1f},{b:.1f}" for a, b in corners)
        return self._cast(f'<polygon points="{drawn}" fill="{self.paper(paper)}"/>')

    def _glow(self, words: list[str]) -> str:
        """Light around a thing: rings of see-through paper."""
        paper, x, y, r = words[0], *map(float, words[1:])
        colour = self.papers.lit(paper)
        rings = ((1.0, 0.10), (0.76, 0.13), (0.54, 0.18))
        return "".join(
            f'<circle cx="{x}" cy="{y}" r="{r * share:.1f}" fill="{colour}" fill-opacity="{thick}"/>'
            for share, thick in rings
        )

    def _use(self, words: list[str], mirrored: bool = False) -> str:
        name, x, y, scale = words
        across = f"translate({float(x) + 100 * float(scale)} {y}) scale(-{scale} {scale})"
        where = across if mirrored else f"translate({x} {y}) scale({scale})"
        return f'<g transform="{where}">{self.cut(things()[name])}</g>'

    def _flip(self, words: list[str]) -> str:
        return self._use(words, mirrored=True)

    def _eye(self, words: list[str]) -> str:
        x, y, r = map(float, words)
        return _EYES.get(self.mood, _open_eye)(x, y, r)

    def _mouth(self, words: list[str]) -> str:
        x, y, r = map(float, words)
        drawn = _MOUTHS[self.mood].format(l=x - r, m=x, r=x + r, t=y - r * 0.6, y=y, b=y + r * 0.9)
        width = max(1.0, r * 0.36)
        return f'<path d="{drawn}" fill="none" stroke="#3a2126" stroke-width="{width:.1f}" stroke-linecap="round"/>'


_VERBS: dict[str, Callable[[PaperCutter, list[str]], str]] = {
    "c": PaperCutter._circle,
    "e": PaperCutter._ellipse,
    "r": PaperCutter._rectangle,
    "p": PaperCutter._path,
    "s": PaperCutter._line,
    "star": PaperCutter._star,
    "glow": PaperCutter._glow,
    "use": PaperCutter._use,
    "flip": PaperCutter._flip,
    "eye": PaperCutter._eye,
    "mouth": PaperCutter._mouth,
}

_MOUTHS = {
    Emotion.JOY: "M{l} {t} Q{m} {b} {r} {t}",
    Emotion.SADNESS: "M{l} {b} Q{m} {t} {r} {b}",
    Emotion.FEAR: "M{l} {b} Q{m} {y} {r} {b}",
    Emotion.ANGER: "M{l} {b} Q{m} {t} {r} {y}",
    Emotion.DISGUST: "M{l} {y} Q{m} {t} {r} {b}",
    Emotion.SURPRISE: "M{m} {t} Q{r} {y} {m} {b} Q{l} {y} {m} {t}",
    Emotion.NEUTRAL: "M{l} {y} Q{m} {b} {r} {y}",
}


def _open_eye(x: float, y: float, r: float, wide: float = 1.0) -> str:
    lit = f'<circle cx="{x + r * 0.3:.1f}" cy="{y - r * 0.35:.1f}" r="{r * 0.32:.1f}" fill="#ffffff"/>'
    return f'<circle cx="{x}" cy="{y}" r="{r * wide:.1f}" fill="#241d26"/>{lit}'


def _wide_eye(x: float, y: float, r: float) -> str:
    white = f'<circle cx="{x}" cy="{y}" r="{r * 1.7:.1f}" fill="#fffaf0"/>'
    return white + _open_eye(x, y, r, 0.8)


def _angry_eye(x: float, y: float, r: float) -> str:
    brow = f"M{x - r * 1.9:.1f} {y - r * 1.2:.1f} L{x + r * 1.9:.1f} {y - r * 1.2:.1f}"
    return _open_eye(x, y, r) + _brow(brow, r)


def _sad_eye(x: float, y: float, r: float) -> str:
    brow = f"M{x - r * 1.7:.1f} {y - r * 1.7:.1f} Q{x} {y - r * 3:.1f} {x + r * 1.7:.1f} {y - r * 1.7:.1f}"
    return _open_eye(x, y, r) + _brow(brow, r)


def _happy_eye(x: float, y: float, r: float) -> str:
    drawn = f"M{x - r * 1.3:.1f} {y + r * 0.4:.1f} Q{x} {y - r * 1.9:.1f} {x + r * 1.3:.1f} {y + r * 0.4:.1f}"
    return f'<path d="{drawn}" fill="none" stroke="#241d26" stroke-width="{r * 0.8:.1f}" stroke-linecap="round"/>'


def _brow(drawn: str, r: float) -> str:
    return f'<path d="{drawn}" fill="none" stroke="#241d26" stroke-width="{r * 0.7:.1f}" stroke-linecap="round"/>'


_EYES: dict[Emotion, Callable[[float, float, float], str]] = {
    Emotion.FEAR: _wide_eye, Emotion.SURPRISE: _wide_eye, Emotion.ANGER: _angry_eye, Emotion.DISGUST: _angry_eye,
    Emotion.SADNESS: _sad_eye, Emotion.JOY: _happy_eye,
}  # fmt: skip


@cache
def things() -> dict[str, str]:
    """Return the shape of every thing and animal by its name."""
    return read_table(TABLES / "things.toml", _Table).things | wardrobe().animals


@cache
def wardrobe() -> Wardrobe:
    """Return what beings are made from."""
    return read_table(TABLES / "beings.toml", Wardrobe)
