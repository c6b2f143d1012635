"""Printed words, read from pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.sources.prose import paragraphs_of
from pipeline.words.source import Document, Section, SourceKind

if TYPE_CHECKING:
    from PIL.Image import Image

Array = npt.NDArray[np.float32]
MOST_SCANNED_PAGES = 12
MODEL = "ppocr-v5"
"""Its folder among the weights; without it a scan has no words."""
_MEMBERS = ("det.onnx", "rec.onnx", "keys.txt")
_LOOKED_AT, _STEP = 960, 32
"""Pixels of the longer side in which lines are looked for, and what the model wants each side to be a multiple of."""
_MEAN, _SPREAD = np.array([0.485, 0.456, 0.406], np.float32), np.array([0.229, 0.224, 0.225], np.float32)
_INK, _UNCLIP = 0.3, 1.6
"""From which chance on a pixel is part of a line, and how far a line reaches beyond its core."""
_LEAST_CORE = 3
_HEIGHT, _MOST_WIDTH = 48, 3_200
_SURE = 0.75
"""Mean certainty of letters from which a page stands upright; a page that does not is turned."""
_LEAST_SURE = 0.5
_LEAST_WORDS = 4
_RENDERED = 2.0


@dataclass(frozen=True)
class _Read:
    """A line with its place in the picture and the certainty of its letters."""

    text: str
    sure: float
    top: int
    bottom: int
    left: int


def reader_in(weights: Path) -> PrintReader | None:
    """The reader, where its weights lie."""
    folder = weights / MODEL
    return PrintReader(folder) if all((folder / name).is_file() for name in _MEMBERS) else None


def read_scan(path: Path, weights: Path) -> Document:
    """The first pages of a PDF that has pictures in place of text; without sections where nothing can be read."""
    import pypdfium2

    reader = reader_in(weights)
    if reader is None:
        return Document(SourceKind.PDF)
    sections: list[Section] = []
    with pypdfium2.PdfDocument(path) as book:
        for at in range(min(len(book), MOST_SCANNED_PAGES)):
            text = reader.text(book[at].render(scale=_RENDERED).to_pil())
            sections += [Section("", text, str(at + 1))] if text else []
    return Document(SourceKind.PDF, "", tuple(sections), scanned=True)


def read_print(seen: Document, path: Path, weights: Path) -> Document:
    """A picture with the words it shows; a word or two are a sign, and no text."""
    from PIL import Image, ImageOps

    reader = reader_in(weights)
    if reader is None:
        return seen
    with Image.open(path) as picture:
        text = reader.text(ImageOps.exif_transpose(picture))
    return replace(seen, sections=(Section("", text),)) if len(text.split()) >= _LEAST_WORDS else seen


class PrintReader:
    """PP-OCR: one small model finds lines, another reads each."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        det, rec, keys = (folder / name for name in _MEMBERS)
        self._finder: Any = onnxruntime.InferenceSession(str(det), options, providers=["CPUExecutionProvider"])
        self._reader: Any = onnxruntime.InferenceSession(str(rec), options, providers=["CPUExecutionProvider"])
        self._letters = keys.read_text("utf-8").split("\n")

    def text(self, picture: Image) -> str:
        """The words of a picture, top to bottom; turned where they stand on their head or on their side."""
        best: list[_Read] = []
        for turned in (0, 180, 90, 270):
            lines = self._lines(picture.convert("RGB").rotate(turned, expand=True))
            best = max(best, lines, key=lambda read: sum(one.sure * len(one.text) for one in read))
            if _certainty(lines) >= _SURE:
                best = lines
                break
        return "" if _certainty(best) < _LEAST_SURE else paragraphs_of("\n".join(_rows(best)))

    def _lines(self, picture: Image) -> list[_Read]:
        read = [self._read(picture.crop(box), box) for box in self._boxes(picture)]
        return [one for one in read if one.text.strip() and one.sure >= _LEAST_SURE]

    def _boxes(self, picture: Image) -> Iterator[tuple[int, int, int, int]]:
        """Left, top, right and bottom of each line."""
        scale = min(1.0, _LOOKED_AT / max(picture.size))
        width, height = (max(_STEP, round(side * scale / _STEP) * _STEP) for side in picture.size)
        pixels = np.asarray(picture.resize((width, height)), np.float32)[..., ::-1] / 255
        seen = ((pixels - _MEAN) / _SPREAD).transpose(2, 0, 1)[None]
        ink = self._finder.run(None, {"x": np.ascontiguousarray(seen, np.float32)})[0][0, 0] > _INK
        across, down = picture.width / width, picture.height / height
        for top, bottom, left, right in _blobs(ink):
            tall, wide = bottom - top, right - left
            if min(tall, wide) < _LEAST_CORE:
                continue
            more = tall * wide * _UNCLIP / (2 * (tall + wide))
            yield (
                max(0, int((left - more) * across)),
                max(0, int((top - more) * down)),
                min(picture.width, int((right + more) * across) + 1),
                min(picture.height, int((bottom + more) * down) + 1),
            )

    def _read(self, line: Image, box: tuple[int, int, int, int]) -> _Read:
        width = min(_MOST_WIDTH, max(_HEIGHT, round(line.width * _HEIGHT / line.height)))
        pixels = np.asarray(line.resize((width, _HEIGHT)), np.float32)[..., ::-1] / 127.5 - 1
        chances = self._reader.run(None, {"x": np.ascontiguousarray(pixels.transpose(2, 0, 1)[None], np.float32)})[0][0]
        best = chances.argmax(axis=1)
        # A letter is told once, however many columns show it; 0 stands between two.
        kept = [at for at, letter in enumerate(best) if letter and (at == 0 or best[at - 1] != letter)]
        letters = [self._letters[best[at]] if best[at] < len(self._letters) else " " for at in kept]
        sure = float(chances[kept, best[kept]].mean()) if kept else 0.0
        return _Read("".join(letters).strip(), sure, box[1], box[3], box[0])


def _certainty(lines: list[_Read]) -> float:
    letters = sum(len(one.text) for one in lines)
    return sum(one.sure * len(one.text) for one in lines) / letters if letters else 0.0


def _rows(lines: list[_Read]) -> Iterator[str]:
    """Lines beside each other as one, and a blank one where a paragraph ends."""
    rows: list[list[_Read]] = []
    for one in sorted(lines, key=lambda line: line.top + line.bottom):
        last = rows[-1][-1] if rows else None
        if last is not None and (one.top + one.bottom) / 2 < last.bottom - (last.bottom - last.top) / 4:
            rows[-1].append(one)
        else:
            rows.append([one])
    before: _Read | None = None
    for row in rows:
        if before is not None and row[0].top - before.bottom > 0.9 * (before.bottom - before.top):
            yield ""
        yield " ".join(one.text for one in sorted(row, key=lambda line: line.left))
        before = row[0]


def _blobs(ink: npt.NDArray[np.bool_]) -> list[tuple[int, int, int, int]]:
    """Top, bottom, left and right of each connected patch of ink, by runs of its rows."""
    boxes: list[list[int]] = []
    above: list[tuple[int, int, int]] = []
    owner: list[int] = []

    def root(nth: int) -> int:
        while owner[nth] != nth:
            nth = owner[nth]
        return nth

    for row in range(len(ink)):
        edges = np.flatnonzero(np.diff(ink[row].astype(np.int8), prepend=0, append=0))
        runs: list[tuple[int, int, int]] = []
        for left, right in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            touched = {root(nth) for since, until, nth in above if since < right and left < until}
            mine = min(touched, default=len(owner))
            if not touched:
                owner.append(mine)
                boxes.append([row, row + 1, left, right])
            for nth in touched:
                owner[nth] = mine
            parts = [boxes[nth] for nth in {mine, *touched}] + [[row, row + 1, left, right]]
            tops, bottoms, lefts, rights = zip(*parts, strict=True)
            boxes[mine] = [min(tops), max(bottoms), min(lefts), max(rights)]
            runs.append((left, right, mine))
        above = runs
    return [(*boxes[nth],) for nth in range(len(boxes)) if owner[nth] == nth]  # type: ignore[misc] # four each
