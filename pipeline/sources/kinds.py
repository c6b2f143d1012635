"""What a file is, by its content."""

from __future__ import annotations

import csv
import re
import zipfile
from collections import Counter
from pathlib import Path

from pipeline.errors import Refused
from pipeline.words.source import SourceKind

_HEAD_BYTES = 1 << 16
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Files of Office before 2007, and newer ones that are locked."""
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")
_INSIDE_ZIP = (
    ("word/document.xml", SourceKind.DOCX),
    ("xl/workbook.xml", SourceKind.TABLE),
    ("META-INF/container.xml", SourceKind.EPUB),
)
_FEED = re.compile(r"<(?:\w+:)?(?:rss|feed|RDF)[\s>]", re.IGNORECASE)
_PAGE = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_TAGS = re.compile(r"</?(?:p|div|body|head|article|h[1-6]|ul|li|a|span)[\s>]", re.IGNORECASE)
_AT_START = (b"OggS", b"ID3", b"fLaC", b"\x1aE\xdf\xa3", b"caff", b"#!AMR")
"""First bytes of Ogg, tagged mp3, FLAC, Matroska and WebM, CAF, AMR."""
_INSIDE = ((8, b"WAVE"), (4, b"ftyp"), (8, b"AVI "), (8, b"AIFF"), (8, b"AIFC"))
"""Marks further inside, with their offset: WAV, the family of MP4, AVI, AIFF."""
_STILLS = (b"avif", b"heic", b"mif1", b"heix")
"""Brands of that family which are pictures."""
_FILMS = (b"isom", b"mp41", b"mp42", b"qt  ", b"avc1", b"iso2", b"iso4", b"iso5", b"iso6", b"dash")
_LEAST_BYTES = 12
_SEPARATORS = ",;\t|"
_LEAST_ROWS = 3


def kind_of(path: Path) -> SourceKind:
    """What it holds, whatever it is called; raises Refused `file_kind_unknown`, `file_locked` or `file_empty`."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head.strip():
        raise Refused("file_empty")
    if head.startswith(_OLD_OFFICE):
        raise Refused("file_locked")
    if b"%PDF-" in head[:1024]:
        return SourceKind.PDF
    if head.startswith(b"PK\x03\x04"):
        return _inside_zip(path)
    if head.startswith(_PICTURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP") or _is_still(head):
        return SourceKind.PICTURE
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":
        return SourceKind.PICTURE
    if holds_sound(head):
        return SourceKind.FILM if _is_film(head) else SourceKind.SOUND
    return _of_text(text_of(head, cut=len(head) == _HEAD_BYTES))


def holds_sound(data: bytes) -> bool:
    """Whether it is sound by its first bytes; headerless mp3 and AAC by the mark of their frames."""
    if len(data) < _LEAST_BYTES:
        return False
    if data.startswith(_AT_START) or any(data[at : at + len(mark)] == mark for at, mark in _INSIDE):
        return not _is_still(data)
    # Eleven bits set, and then a layer and a rate that exist: UTF-16 begins with FF FE, whose layer does not.
    return data[0] == 0xFF and data[1] & 0xE0 == 0xE0 and data[1] != 0xFE and data[2] & 0xF0 != 0xF0


def text_of(data: bytes, *, cut: bool = False) -> str:
    """Bytes as text: UTF-8, UTF-16 with its mark, else Western Europe's; raises Refused `file_kind_unknown`."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data[: len(data) // 2 * 2].decode("utf-16") if cut else data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise Refused("file_kind_unknown") from error
    if b"\0" in data:
        raise Refused("file_kind_unknown")
    try:
        return data.decode("utf-8-sig", "ignore" if cut else "strict")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    strange = sum(not (char.isprintable() or char.isspace()) for char in text)
    if strange > len(text) * 0.02:
        raise Refused("file_kind_unknown")
    return text


def separator_of(text: str) -> str:
    """What parts the columns of a table in text; empty where it is no table."""
    rows = [row for row in text.splitlines() if row.strip()][:50]
    if len(rows) < _LEAST_ROWS:
        return ""
    for mark in _SEPARATORS:
        widths = Counter(len(cells) for cells in csv.reader(rows, delimiter=mark))
        width, agree = widths.most_common(1)[0]
        cells = [cell for row in csv.reader(rows, delimiter=mark) for cell in row]
        short = sum(len(cell) for cell in cells) <= 30 * len(cells)
        counted = sum(cell.strip()[:1].isdigit() or cell.strip()[:1] in "-+" for cell in cells if cell.strip())
        # Prose has commas too: a table's rows are alike, its cells short, and some of them figures.
        if width > 1 and agree >= 0.9 * len(rows) and short and counted >= len(rows) // 2:
            return mark
    return ""


def _inside_zip(path: Path) -> SourceKind:
    try:
        with zipfile.ZipFile(path) as parts:
            names = set(parts.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Refused("file_damaged", why="it is cut off") from error
    for name, kind in _INSIDE_ZIP:
        if name in names:
            return kind
    raise Refused("file_kind_unknown")


def _is_still(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in _STILLS


def _is_film(head: bytes) -> bool:
    if head[4:8] == b"ftyp":
        return head[8:12] in _FILMS
    return head[8:12] == b"AVI " or (head.startswith(b"\x1aE\xdf\xa3") and b"V_" in head)


def _of_text(text: str) -> SourceKind:
    start = text[:4096]
    page, feed = _PAGE.search(start), _FEED.search(start)
    if feed and not (page and page.start() < feed.start()):
        return SourceKind.FEED
    if page or len(_TAGS.findall(text)) >= 6:
        return SourceKind.PAGE
    return SourceKind.TABLE if separator_of(text) else SourceKind.TEXT
