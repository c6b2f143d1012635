"""Captions in the picture, word by word."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageDraw

from pipeline.audio.captions import Shown
from pipeline.pictures.fonts import font_for
from pipeline.words.story import NARRATOR

_BAND, _PLAIN, _LIT = (14, 11, 20, 205), (255, 252, 240, 255), (255, 210, 84, 255)
"""White on this band stands at 15 to 1, the lit word at 12 to 1; and it is underlined, for who sees no colours."""
_LETTER, _WIDE = 0.043, 0.84
"""Height of the letters and width of the lines, as shares of the picture's smaller side and of its width."""
Line = list[tuple[int, str]]


class Subtitles:
    """All captions of a film; the font must hold every letter of them. Raises Missing `font_missing`."""

    def __init__(self, shown: Sequence[Shown], width: int, height: int) -> None:
        self._shown, self._starts = shown, [one.start_s for one in shown]
        self._width, self._size = width, max(14, round(min(width, height) * _LETTER))
        text = "".join(f"{one.text}{one.speaker}{one.heard}" for one in shown)
        self._font = font_for(text or "a", self._size)
        self.image = lru_cache(maxsize=4)(self._drawn)

    def at(self, at_s: float) -> tuple[int, int] | None:
        """Return which caption is to be seen at this moment, and which of its words is lit; -1 for none yet."""
        nth = bisect_right(self._starts, at_s) - 1
        if nth < 0 or at_s >= self._shown[nth].end_s:
            return None
        lit = sum(word.start_s <= at_s for word in self._shown[nth].words) - 1
        return nth, lit

    def _drawn(self, nth: int, lit: int) -> Image.Image:
        one, size = self._shown[nth], self._size
        lines: list[Line] = [[(-1, one.heard)]] if one.heard else []
        speaker = [] if one.speaker == NARRATOR or not one.words else [(-1, f"{one.speaker}:")]
        lines += self._folded([*speaker, *((at, word.text) for at, word in enumerate(one.words))])
        step, pad = round(size * 1.34), round(size * 0.45)
        widths = [self._long(line) for line in lines]
        image = Image.new("RGBA", (round(max(widths, default=0)) + 2 * pad + size, step * len(lines) + pad))
        pen = ImageDraw.Draw(image)
        pen.rounded_rectangle((0, 0, image.width - 1, image.height - 1), size // 3, _BAND)
        for row, (line, long) in enumerate(zip(lines, widths, strict=True)):
            x, y = (image.width - long) / 2, pad / 2 + row * step
            for at, text in line:
                is_lit = at == lit and at >= 0
                pen.text((x, y), text, font=self._font, fill=_LIT if is_lit else _PLAIN)
                wide = self._font.getlength(text)
                if is_lit:
                    pen.rectangle((x, y + step * 0.86, x + wide, y + step * 0.86 + max(2, size // 12)), _LIT)
                x += wide + self._space
        return image

    @property
    def _space(self) -> float:
        return float(self._font.getlength(" "))

    def _long(self, line: Line) -> float:
        return sum(self._font.getlength(text) for _, text in line) + self._space * max(0, len(line) - 1)

    def _folded(self, words: Line) -> list[Line]:
        lines: list[Line] = [[]]
        for word in words:
            if lines[-1] and self._long([*lines[-1], word]) > self._width * _WIDE:
                lines.append([])
            lines[-1].append(word)
        return [line for line in lines if line]
