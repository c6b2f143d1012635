"""People, animals and things with faces."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

from pipeline.pictures.cutouts import Clothes, PaperCutter, things, wardrobe
from pipeline.words.mood import Emotion
from pipeline.words.picture import PictureFigure

SKINS = ("peach", "almond", "cocoa")
HAIRS = ("ink", "bark", "brown", "rust", "gold")
COATS = (
    ("red", "navy"), ("teal", "cream"), ("gold", "brown"), ("blue", "slate"), ("rose", "plum"), ("moss", "tan"),
    ("orange", "blue"), ("violet", "navy"),
)  # fmt: skip
BY_KIND: Mapping[str, str] = {
    "person": "person", "small_animal": "mouse", "big_animal": "bear", "monster": "monster", "spirit": "ghost",
    "machine": "robot",
}  # fmt: skip
_ARMS: Mapping[Emotion, tuple[tuple[int, int], tuple[int, int]]] = {
    Emotion.JOY: ((20, 26), (79, 44)),
    Emotion.SADNESS: ((34, 70), (67, 68)),
    Emotion.FEAR: ((37, 36), (68, 48)),
    Emotion.ANGER: ((24, 58), (78, 32)),
    Emotion.DISGUST: ((32, 68), (80, 50)),
    Emotion.SURPRISE: ((18, 40), (80, 38)),
    Emotion.NEUTRAL: ((30, 66), (76, 58)),
}
"""Where the hands are: the left one, and the right one, which holds."""
_BOWED: Mapping[Emotion, int] = {Emotion.SADNESS: 10, Emotion.FEAR: -6, Emotion.SURPRISE: -5}
"""Degrees by which a head is turned."""
_FACE = "eye {x:.0f} {y:.0f} 4; eye {z:.0f} {y:.0f} 4; mouth {m:.0f} {n:.0f} 6"


def figure_svg(figure: PictureFigure, cutter: PaperCutter) -> str:
    """Return somebody in a square of 100 by 100, looking to the right."""
    clothes = _clothes(figure)
    if clothes is not None:
        return _person(figure, clothes, cutter)
    if figure.what in wardrobe().animals:
        return cutter.cut(things()[figure.what])
    # A clock or a cloud that is somebody: the thing itself, with a face.
    shape = things().get(figure.what) or things()["stone"]
    return cutter.cut(f"{shape}; {_FACE.format(x=41, y=50, z=59, m=50, n=61)}")


def seen_as(name: str, kind: str) -> str:
    """Return the shape that stands for a noun: its own, its like's, else its kind's; empty where it has none."""
    table, alike = wardrobe(), wardrobe().alike
    known = alike.get(name, name)
    if known in table.people or known in things():
        return known
    return BY_KIND.get(kind, "")


def is_being(name: str) -> bool:
    """Whether this shape is somebody: an animal, a creature, a person."""
    return name in wardrobe().animals or name in wardrobe().people


def _clothes(figure: PictureFigure) -> Clothes | None:
    clothes = wardrobe().people.get(figure.what)
    if clothes is None:
        return None
    draw = random.Random(f"{figure.seed}:{figure.name}:{figure.what}")
    a, b = draw.choice(COATS)
    hair = clothes.hair or ("long" if figure.gender == "f" else "short")
    body = "dress" if figure.gender == "f" and clothes.body == "trousers" and not clothes.a else clothes.body
    # A woman who is a captain keeps the coat and loses the beard.
    beard = "" if figure.gender == "f" else clothes.beard
    worn = replace(clothes, body=body, hair=hair, beard=beard)
    return replace(worn, a=clothes.a or a, b=clothes.b or b, h=clothes.h or draw.choice(HAIRS))


def _person(figure: PictureFigure, clothes: Clothes, cutter: PaperCutter) -> str:
    draw = random.Random(f"skin:{figure.seed}:{figure.name}")
    parts = {"a": clothes.a, "b": clothes.b, "h": clothes.h, "k": draw.choice(SKINS)}
    dressed = replace(cutter, parts=parts)
    drawn = "".join((_cape(clothes, dressed), _left(dressed), _body(clothes, dressed), _right(clothes, dressed)))
    head = f'<g transform="rotate({_BOWED.get(cutter.mood, 0)} 50 38)">{_head(clothes, dressed)}</g>'
    smaller = "translate(15 30) scale(0.70)" if clothes.small else "scale(1)"
    return f'<g transform="{smaller}">{drawn}{head}</g>'


def _cape(clothes: Clothes, cutter: PaperCutter) -> str:
    return cutter.cut(f"p {clothes.cape} M40 40 L60 40 L80 92 L20 92 Z") if clothes.cape else ""


def _body(clothes: Clothes, cutter: PaperCutter) -> str:
    return cutter.cut(wardrobe().bodies[clothes.body])


def _left(cutter: PaperCutter) -> str:
    x, y = _ARMS[cutter.mood][0]
    return cutter.cut(f"s a 8 M41 45 L{x} {y}; c k {x} {y} 4")


def _right(clothes: Clothes, cutter: PaperCutter) -> str:
    x, y = _ARMS[cutter.mood][1]
    held = ""
    if clothes.hold:
        shape = wardrobe().held.get(clothes.hold) or things()[clothes.hold]
        long = clothes.hold in wardrobe().held or clothes.hold in _LONG
        scale, down = (0.62, 0.42) if long else (0.36, 0.72)
        inside = replace(cutter, parts={}).cut(shape)
        held = f'<g transform="translate({x - 50 * scale + 3} {y - 100 * scale * down}) scale({scale})">{inside}</g>'
    sleeve = "b" if clothes.body == "apron" else "a"
    return held + cutter.cut(f"s {sleeve} 8 M59 45 L{x} {y}; c k {x} {y} 4")


_LONG = frozenset({"sword", "broom", "axe", "shovel", "wand", "umbrella", "guitar", "violin", "net", "crook"})


def _head(clothes: Clothes, cutter: PaperCutter) -> str:
    pieces = ["r k 46 34 8 8 2"]
    if clothes.ears:
        pieces += ["p k M36 20 L24 12 L36 32 Z", "p k M64 20 L76 12 L64 32 Z"]
    pieces += ["c k 50 24 15", "c rose 41 29 3", "c rose 60 29 3", "eye 45 24 2", "eye 56 24 2"]
    if clothes.mask:
        pieces.insert(-2, "r ink 35 19 30 9 4")
        pieces[-2:] = ["c white 44 23 3", "c white 57 23 3", "eye 44 23 2", "eye 57 23 2"]
    pieces.append("mouth 51 31 4")
    if clothes.beard:
        pieces.append(
            f"p {clothes.beard} M35 26 C36 50 46 54 50 54 C54 54 64 50 65 26 C60 34 56 28 50 29 C44 28 40 34 35 26 Z"
        )
        pieces.append("mouth 51 33 3")
    if clothes.nose:
        pieces.append(f"c {clothes.nose} 51 27 4")
    if clothes.glasses:
        pieces += [
            "s ink 1 M40 24 A5 5 0 1 0 50 24 A5 5 0 1 0 40 24",
            "s ink 1 M52 24 A5 5 0 1 0 62 24 A5 5 0 1 0 52 24",
        ]
    if clothes.patch:
        pieces += ["c ink 45 24 4", "s ink 1 M35 17 L66 25"]
    # Under a hat, what would stand up from the hair is left out.
    hair = "short" if clothes.hat and clothes.hair in ("bun", "topknot") else clothes.hair
    crown = [wardrobe().hair[hair]] if clothes.hat not in _COVERING else []
    hat = [wardrobe().hats[clothes.hat]] if clothes.hat else []
    return cutter.cut(";".join([*pieces, *crown, *hat]))


_COVERING = frozenset({"helmet", "hood", "bald", "tonsure", "veil", "scarf", "space"})
