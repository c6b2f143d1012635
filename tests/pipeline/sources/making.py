"""Files of ten kinds, made by other programs."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.words.source import SourceKind

if TYPE_CHECKING:
    pass

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@dataclass(frozen=True)
class Paper:
    """Something to read, with a title and chapters of paragraphs."""

    title: str
    chapters: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def paragraphs(self) -> Iterator[str]:
        for _, paragraphs in self.chapters:
            yield from paragraphs


HARBOUR = Paper(
    "The harbour at Lomvik",
    (
        (
            "The bell",
            (
                "The harbour at Lomvik was built in 1887. Its bell weighs 412 kilograms and came from Bergen by sea.",
                "For 31 years Ingrid Solberg rang it at six. “Nobody here ever overslept,” said Ingrid Solberg.",
                "In the winter of 1954 the bell cracked. The fishermen collected 2,300 crowns to have it mended.",
            ),
        ),
        (
            "The storm",
            (
                "On 14 January 1962 a storm sank nine boats in the bay. All 27 men were saved by the lifeboat Havørn.",
                "The lifeboat was steered by Aksel Berg, who was 19 years old. He had never been out in such a sea.",
                "Today the Havørn lies in the museum, next to the old bell. About 8,000 visitors come every summer.",
            ),
        ),
    ),
)
SHEET = (
    ("Month", "Anna", "Ben", "Visitors"),
    ("2024-01", "12", "20", "1,450"),
    ("2024-02", "18", "21", "1,310"),
    ("2024-03", "31", "24", "2,980"),
    ("2024-04", "33", "35", "2,720"),
    ("2024-05", "41", "36", "3,105"),
)


def pdf(path: Path, paper: Paper, *, password: str = "", pages_each: int = 1) -> None:
    from reportlab.lib import pdfencrypt
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

    styles = getSampleStyleSheet()
    locked = pdfencrypt.StandardEncryption(password) if password else None
    parts = [Paragraph(escape(paper.title), styles["Title"])]
    for heading, paragraphs in paper.chapters:
        parts.append(Paragraph(escape(heading), styles["Heading1"]))
        for _ in range(pages_each):
            parts += [Paragraph(escape(one), styles["BodyText"]) for one in paragraphs]
            if pages_each > 1:
                parts.append(PageBreak())
    SimpleDocTemplate(str(path), title=paper.title, encrypt=locked).build(parts)


def scan(path: Path, picture: Path) -> None:
    """A PDF that is a picture of a page and has no text."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    page = Canvas(str(path), pagesize=A4)
    page.drawImage(str(picture), 0, 0, *A4, preserveAspectRatio=True, anchor="n")
    page.save()


def docx(path: Path, paper: Paper) -> None:
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{id_}"><w:name w:val="{name}"/></w:style>'
        for id_, name in (("Titel", "Title"), ("berschrift1", "heading 1"))
    )
    body = [_paragraph(paper.title, "Titel")]
    for heading, paragraphs in paper.chapters:
        body += [_paragraph(heading, "berschrift1"), *(_paragraph(one) for one in paragraphs)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", "<Types/>")
        parts.writestr("word/styles.xml", f'<w:styles xmlns:w="{WORD}">{styles}</w:styles>')
        parts.writestr(
            "word/document.xml", f'<w:document xmlns:w="{WORD}"><w:body>{"".join(body)}</w:body></w:document>'
        )


def _paragraph(text: str, style: str = "") -> str:
    looks = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    # Word cuts a sentence into runs wherever somebody corrected it.
    half = len(text) // 2
    runs = "".join(
        f'<w:r><w:t xml:space="preserve">{escape(part, quote=False)}</w:t></w:r>' for part in (text[:half], text[half:])
    )
    return f"<w:p>{looks}{runs}</w:p>"


def epub(path: Path, paper: Paper) -> None:
    files = {f"OPS/c{at}.xhtml": _xhtml(*chapter) for at, chapter in enumerate(paper.chapters)}
    items = "".join(
        f'<item id="c{at}" href="c{at}.xhtml" media-type="application/xhtml+xml"/>' for at in range(len(files))
    )
    spine = "".join(f'<itemref idref="c{at}"/>' for at in range(len(files)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{escape(paper.title)}</dc:title></metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
        '<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        for name, text in {"META-INF/container.xml": container, "OPS/book.opf": package, **files}.items():
            parts.writestr(name, text)


def _xhtml(heading: str, paragraphs: tuple[str, ...]) -> str:
    body = "".join(f"<p>{escape(one, quote=False)}</p>" for one in paragraphs)
    return f'<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>{escape(heading)}</h1>{body}</body></html>'


def page(path: Path, paper: Paper) -> None:
    parts = "".join(
        f"<h2>{escape(heading)}</h2>" + "".join(f"<p>{escape(one, quote=False)}</p>" for one in paragraphs)
        for heading, paragraphs in paper.chapters
    )
    menu = "".join(f'<li><a href="/{one}">{one}</a></li>' for one in ("Home", "Sport", "Shop", "Login"))
    path.write_text(
        f"<!DOCTYPE html><html><head><title>{escape(paper.title)}</title><script>var a=1;</script></head><body>"
        f"<nav><ul>{menu}</ul></nav><main><article><h1>{escape(paper.title)}</h1>{parts}</article></main>"
        "<footer>Accept cookies. Subscribe to our newsletter.</footer></body></html>",
        "utf-8",
    )


def feed(path: Path, paper: Paper) -> None:
    items = "".join(
        f"<item><title>{escape(heading)}</title><link>https://example.org/{at}</link>"
        f"<description>{escape('<p>' + ' '.join(paragraphs) + '</p>')}</description></item>"
        for at, (heading, paragraphs) in enumerate(paper.chapters)
    )
    path.write_text(
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>{escape(paper.title)}</title>{items}</channel></rss>',
        "utf-8",
    )


def markdown(path: Path, paper: Paper) -> None:
    parts = [f"# {paper.title}"]
    for heading, paragraphs in paper.chapters:
        parts += [f"## {heading}", *paragraphs]
    path.write_text("\n\n".join(parts), "utf-8")


def sheet(path: Path, rows: tuple[tuple[str, ...], ...] = SHEET) -> None:
    out = StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    path.write_text(out.getvalue(), "utf-8")


def workbook(path: Path, rows: tuple[tuple[str, ...], ...] = SHEET) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([int(cell) if cell.isdigit() else cell for cell in row])
    book.save(path)


def picture(path: Path, size: tuple[int, int] = (320, 200)) -> None:
    from PIL import Image, ImageDraw

    seen = Image.new("RGB", size, (20, 40, 120))
    ImageDraw.Draw(seen).rectangle((0, size[1] * 2 // 3, size[0], size[1]), fill=(10, 20, 60))
    seen.save(path)


def letters(path: Path, lines: tuple[str, ...], *, turned: int = 0) -> None:
    """A photo of a printed page."""
    from PIL import Image, ImageDraw, ImageFont

    seen = Image.new("RGB", (1240, 120 + 70 * len(lines)), "white")
    for at, line in enumerate(lines):
        ImageDraw.Draw(seen).text((60, 60 + 70 * at), line, "black", font=ImageFont.load_default(34))
    seen.rotate(turned, expand=True).save(path)


def sound(path: Path, seconds: float = 1.0, *, moving: bool = False) -> None:
    import av

    with av.open(str(path), "w") as file:
        heard = file.add_stream("aac" if moving else "flac", rate=48_000)
        if moving:
            seen = file.add_stream("mpeg4", rate=10)
            seen.width, seen.height, seen.pix_fmt = 64, 48, "yuv420p"
            for at in range(10):
                shade = np.full((48, 64, 3), at * 20, np.uint8)
                file.mux(seen.encode(av.VideoFrame.from_ndarray(shade, format="rgb24")))
            file.mux(seen.encode(None))
        tone = (8_000 * np.sin(np.arange(int(48_000 * seconds)) / 20)).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
        file.mux(heard.encode(frame))
        file.mux(heard.encode(None))


MAKERS: Mapping[SourceKind, tuple[str, Callable[[Path, Paper], None]]] = {
    SourceKind.PDF: (".pdf", pdf),
    SourceKind.EPUB: (".epub", epub),
    SourceKind.DOCX: (".docx", docx),
    SourceKind.PAGE: (".html", page),
    SourceKind.FEED: (".xml", feed),
    SourceKind.TABLE: (".xlsx", lambda path, _paper: workbook(path)),
    SourceKind.TEXT: (".md", markdown),
    SourceKind.PICTURE: (".png", lambda path, _paper: picture(path)),
    SourceKind.SOUND: (".flac", lambda path, _paper: sound(path)),
    SourceKind.FILM: (".mp4", lambda path, _paper: sound(path, moving=True)),
}
"""How a file of each kind is made, and what it is usually called."""
