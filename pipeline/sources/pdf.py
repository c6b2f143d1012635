"""PDF files, page by page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import Refused
from pipeline.sources.prose import is_chapter, paragraphs_of
from pipeline.words.source import Document, Section, SourceKind

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

MOST_PAGES = 2_000
_EDGE_LINES = 2
_LARGER = 1.15
"""How much larger than most of the text a heading is printed."""
_MOST_TITLE_WORDS = 12
_NUMBER_ALONE = re.compile(r"^\W*(?:\w{1,6}\s+)?\d{1,4}(?:\s*(?:/|of|von|de|di|sur)\s*\d{1,4})?\W*$")
_ENDS = ".!?…:”»\"'’)"


@dataclass(frozen=True)
class _Line:
    text: str
    size: float
    """Of its letters, in points; 0 where unknown."""


def read_pdf(path: Path) -> Document:
    """Its words by chapters, else by headings and pages; a scan has no sections."""
    import pypdfium2

    try:
        book = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if "assword" in str(error):
            raise Refused("file_locked") from error
        raise Refused("file_damaged", why="it is no whole PDF") from error
    with book:
        if len(book) > MOST_PAGES:
            raise Refused("file_long", pages=len(book), most=MOST_PAGES)
        pages = _without_edges([_lines(book, at) for at in range(len(book))])
        begins = _chapters(book)
        title = book.get_metadata_value("Title").strip()
    title = title if len(title.split()) > 1 else ""
    sections = tuple(_by_chapter(pages, begins) if len(begins) > 1 else _by_heading(pages, title))
    return Document(SourceKind.PDF, title, sections)


def _lines(book: PdfDocument, at: int) -> list[_Line]:
    from pypdfium2.raw import FPDFText_GetFontSize

    page = book[at]
    try:
        words = page.get_textpage()
        try:
            found, since = list[_Line](), 0
            for line in words.get_text_range().split("\r\n"):
                found.append(_Line(line.replace("\ufffe", "-").strip(), FPDFText_GetFontSize(words, since)))
                since += len(line) + 2
            return found
        finally:
            words.close()
    finally:
        page.close()


def _chapters(book: PdfDocument) -> list[tuple[int, str]]:
    """(Page from 0, title) of the outline's highest level."""
    found: list[tuple[int, str]] = []
    for mark in book.get_toc(max_depth=2):
        target = mark.get_dest()
        if mark.level == 0 and target is not None and target.get_index() is not None:
            found.append((int(target.get_index()), mark.get_title().strip()))
    return sorted(dict(found).items())


def _without_edges(pages: list[list[_Line]]) -> list[list[_Line]]:
    """Without page numbers, and without what stands at the top or foot of many pages."""
    edges = Counter(
        shape for page in pages for shape in {_shape(line) for line in (*page[:_EDGE_LINES], *page[-_EDGE_LINES:])}
    )
    often = {shape for shape, times in edges.items() if times >= 3 and times > len(pages) // 3}

    def kept(page: list[_Line]) -> list[_Line]:
        inside = range(_EDGE_LINES, len(page) - _EDGE_LINES)
        return [
            line
            for at, line in enumerate(page)
            if at in inside or not (_shape(line) in often or _NUMBER_ALONE.match(line.text))
        ]

    return [kept(page) for page in pages]


def _shape(line: _Line) -> str:
    return re.sub(r"\d+", "#", line.text)


def _by_heading(pages: list[list[_Line]], title: str) -> Iterator[Section]:
    """What stands under each heading; without any, pages, but a sentence that runs over one stays whole."""
    sizes = Counter[float]()
    for line in (line for page in pages for line in page):
        sizes[round(line.size, 1)] += len(line.text)
    usual = sizes.most_common(1)[0][0] if sizes else 0.0
    held, called, place = list[_Line](), "", ""
    for number, page in enumerate(pages, 1):
        for line in page:
            larger = line.size > _LARGER * usual > 0 and 0 < len(line.text.split()) <= _MOST_TITLE_WORDS
            if not (larger or is_chapter(line.text)):
                held.append(line)
                place = place or str(number)
                continue
            yield from _section(called, held, place)
            goes_on = not any(one.text for one in held) and called and called != title
            held, called, place = [], f"{called} {line.text}" if goes_on else line.text, str(number)
        if not called and _closes(held):
            yield from _section("", held, place)
            held, place = [], ""
    yield from _section(called, held, place)


def _closes(lines: list[_Line]) -> bool:
    last = next((line.text for line in reversed(lines) if line.text), "")
    return last.endswith(tuple(_ENDS))


def _by_chapter(pages: list[list[_Line]], begins: list[tuple[int, str]]) -> Iterator[Section]:
    edges = [at for at, _ in begins[1:]] + [len(pages)]
    if begins[0][0]:
        yield from _section("", [line for page in pages[: begins[0][0]] for line in page], "1")
    for (since, title), until in zip(begins, edges, strict=True):
        lines = [line for page in pages[since:until] for line in page]
        head = next((at for at, line in enumerate(lines[:4]) if line.text and line.text in title), -1)
        yield from _section(title, lines[head + 1 :], str(since + 1))


def _section(title: str, lines: list[_Line], place: str) -> Iterator[Section]:
    if text := _paragraphs([line.text for line in lines]):
        yield Section(title, text, place)


def _paragraphs(lines: list[str]) -> str:
    """A line that ends a sentence well before the others' length ends its paragraph too."""
    usual = sorted(len(line) for line in lines if line)[-max(1, len(lines) // 5) :][:1] or [0]
    broken = [f"{line}\n" if line.endswith(tuple(_ENDS)) and len(line) < 0.75 * usual[0] else line for line in lines]
    return paragraphs_of("\n".join(broken))
