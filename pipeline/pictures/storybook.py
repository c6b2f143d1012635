"""Pictures and words as a printed book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from pipeline.pictures.fonts import Font, font_for

DPI = 200
_PAGE = (1_654, 2_339)
"""A4 at 200 dots an inch."""
_MARGIN, _PAPER, _INK = 130, (253, 249, 240), (44, 34, 40)
_SIZES = (44, 38, 33, 28, 24, 20)
_LINE = 1.45


@dataclass(frozen=True)
class BookPage:
    """One scene: its picture and its words."""

    picture: Path
    text: str


def write_storybook(to: Path, title: str, pages: Sequence[BookPage]) -> None:
    """Write a PDF of A4 pages, the title first; raises Missing `font_missing`."""
    sheets = [_page(pages[0].picture, title, large=True), *(_page(one.picture, one.text) for one in pages)]
    sheets[0].save(to, "PDF", resolution=DPI, save_all=True, append_images=sheets[1:], title=title)


def _page(picture: Path, text: str, *, large: bool = False) -> Image.Image:
    page = Image.new("RGB", _PAGE, _PAPER)
    wide = _PAGE[0] - 2 * _MARGIN
    with Image.open(picture) as opened:
        shown = opened.convert("RGB").resize((wide, round(wide * opened.height / opened.width)))
    top = _MARGIN * 3 if large else _MARGIN
    page.paste(shown, (_MARGIN, top))
    below = top + shown.height + _MARGIN
    for size in (92, 70) if large else _SIZES:
        font = font_for(text or "a", size)
        lines = _folded(text, font, wide)
        # As large as fits; a scene that fits at no size is cut off at the page's end.
        if below + len(lines) * size * _LINE < _PAGE[1] - _MARGIN:
            break
    pen = ImageDraw.Draw(page)
    for nth, line in enumerate(lines):
        pen.text((_MARGIN, below + nth * size * _LINE), line, font=font, fill=_INK)
    return page


def _folded(text: str, font: Font, wide: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > wide:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
