"""A font that holds every letter."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

from PIL import ImageFont

from pipeline.errors import Missing

_FOLDERS = {
    "linux": ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts"),
    "darwin": ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
    "win32": ("C:/Windows/Fonts",),
}
_LIKED = ("dejavusans-bold", "notosans-bold", "dejavusans", "notosans", "arial", "helvetica", "liberationsans")
_NOTHING = "\U0010ffff"
"""A letter that no font has: what is drawn like it is missing."""
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def font_for(text: str, size: int) -> Font:
    """Return a font of this machine in which nothing of the text is missing.

    Raises Missing `font_missing` with the script that no font here can write.
    """
    letters = frozenset(letter for letter in text if not letter.isspace() and unicodedata.category(letter)[0] != "C")
    if all(letter.isascii() for letter in letters) and not _files():
        return ImageFont.load_default(size)
    for file in _files():
        if holds(file, letters):
            return ImageFont.truetype(str(file), size)
    # The letter that fewest fonts have tells best what to install.
    rare = min(letters, key=lambda letter: sum(holds(file, {letter}) for file in _files()[:_LOOKED_AT]))
    raise Missing("font_missing", script=unicodedata.name(rare, "?").split()[0].capitalize(), letter=rare)


_LOOKED_AT = 8


def holds(file: Path, letters: Collection[str]) -> bool:
    """Whether a font file draws every one of these letters."""
    font, missing = _opened(file)
    return font is not None and all(bytes(font.getmask(letter)) != missing for letter in letters)


@cache
def _opened(file: Path) -> tuple[ImageFont.FreeTypeFont | None, bytes]:
    try:
        font = ImageFont.truetype(str(file), 20)
        return font, bytes(font.getmask(_NOTHING))
    except (OSError, ValueError):
        return None, b""


@cache
def _files() -> tuple[Path, ...]:
    """Return the fonts here, those that read best first."""

    def rank(file: Path) -> tuple[int, str]:
        name = file.stem.lower()
        return next((nth for nth, liked in enumerate(_LIKED) if name == liked), len(_LIKED)), name

    return tuple(sorted(_found(), key=rank))


def _found() -> Iterator[Path]:
    for folder in _FOLDERS.get(sys.platform, ()):
        yield from Path(folder).expanduser().rglob("*.[to]t[fc]")
