"""EPUB and DOCX, out of their archives."""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from pipeline.errors import Refused
from pipeline.sources.kinds import text_of
from pipeline.words.source import Document, Section, SourceKind

MOST_UNPACKED_BYTES = 200_000_000
MOST_PARTS = 5_000
_BLOCKS = {"p", "div", "li", "blockquote", "td", "dd", "pre", "h4", "h5", "h6"}
_HEADINGS = {"h1", "h2", "h3"}
_HIDDEN = {"head", "script", "style"}
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FONTS_ALONE = re.compile(r"(?:\.ttf|\.otf|\.woff2?)$", re.IGNORECASE)


def hold_to_size(path: Path) -> None:
    """Raise Refused `file_swollen` for an archive that would fill the memory, and `file_locked` for a sealed one."""
    with zipfile.ZipFile(path) as parts:
        every = parts.infolist()
    if len(every) > MOST_PARTS or sum(one.file_size for one in every) > MOST_UNPACKED_BYTES:
        raise Refused("file_swollen", most_mb=MOST_UNPACKED_BYTES // 10**6)
    if any(one.flag_bits & 1 for one in every):
        raise Refused("file_locked")


def read_epub(path: Path) -> Document:
    """A book's chapters, in the order of its spine."""
    with zipfile.ZipFile(path) as parts:
        _refuse_sealed(parts)
        package = next(_parsed(parts, "META-INF/container.xml").iterfind(".//{*}rootfile")).get("full-path", "")
        book = _parsed(parts, package)
        files = {one.get("id"): one.get("href", "") for one in book.iterfind(".//{*}item")}
        title = next((one.text or "" for one in book.iterfind(".//{*}title")), "")
        folder = posixpath.dirname(package)
        named = [files[ref] for one in book.iterfind(".//{*}itemref") if (ref := one.get("idref")) in files]
        texts = [posixpath.normpath(posixpath.join(folder, unquote(name))) for name in named]
        there = set(parts.namelist())
        sections = [one for name in texts if name in there for one in _chapters(_part(parts, name))]
    return Document(SourceKind.EPUB, title.strip(), tuple(sections))


def read_docx(path: Path) -> Document:
    """A letter or paper, by its headings."""
    with zipfile.ZipFile(path) as parts:
        body, called_as = _parsed(parts, "word/document.xml"), _style_names(parts)
    title, held, found, called = "", list[str](), list[Section](), ""
    for paragraph in body.iter(f"{_WORD}p"):
        text = "".join(_runs(paragraph)).strip()
        style = next((one.get(f"{_WORD}val", "") for one in paragraph.iter(f"{_WORD}pStyle")), "")
        name = called_as.get(style, style).lower()
        if text and name == "title":
            title = title or text
        elif text and name.startswith("heading"):
            found += _section(called, held)
            called, held = text, []
        elif text:
            held.append(text)
    return Document(SourceKind.DOCX, title, tuple(found + _section(called, held)))


def _style_names(parts: zipfile.ZipFile) -> dict[str, str]:
    """Built-in names, which are English whatever language the file was written in."""
    if "word/styles.xml" not in parts.namelist():
        return {}
    styles = _parsed(parts, "word/styles.xml").iter(f"{_WORD}style")
    named = {one.get(f"{_WORD}styleId", ""): one.find(f"{_WORD}name") for one in styles}
    return {style: name.get(f"{_WORD}val", "") for style, name in named.items() if name is not None}


def _part(parts: zipfile.ZipFile, name: str) -> bytes:
    try:
        data = parts.read(name)
    except (KeyError, zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise Refused("file_damaged", why=f"{name[:80]} is missing or cut off") from error
    if b"<!ENTITY" in data:
        raise Refused("file_hostile")
    return data


def _parsed(parts: zipfile.ZipFile, name: str) -> Element:
    try:
        return ET.fromstring(_part(parts, name))  # noqa: S314 - entities are refused, and nothing is fetched
    except ET.ParseError as error:
        raise Refused("file_damaged", why=f"{name[:80]} cannot be read") from error


def _refuse_sealed(parts: zipfile.ZipFile) -> None:
    if "META-INF/encryption.xml" not in parts.namelist():
        return
    sealed = [one.get("URI", "") for one in _parsed(parts, "META-INF/encryption.xml").iterfind(".//{*}CipherReference")]
    if any(not _FONTS_ALONE.search(name) for name in sealed):
        raise Refused("file_locked")


class _Blocks(HTMLParser):
    """Collects a page's blocks as (tag, text)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._tag, self._text, self._hidden = "p", "", 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base's own
        """Begin a block, or what is not shown."""
        self._hidden += tag in _HIDDEN
        if tag in _BLOCKS or tag in _HEADINGS:
            self._close()
            self._tag = tag
        elif tag == "br":
            self._text += " "

    def handle_endtag(self, tag: str) -> None:
        """End a block."""
        self._hidden -= tag in _HIDDEN and self._hidden > 0
        if tag in _BLOCKS or tag in _HEADINGS:
            self._close()

    def handle_data(self, data: str) -> None:
        """Take words in."""
        self._text += "" if self._hidden else data

    def _close(self) -> None:
        if text := " ".join(self._text.split()):
            self.found.append((self._tag, text))
        self._tag, self._text = "p", ""


def _chapters(data: bytes) -> Iterator[Section]:
    blocks = _Blocks()
    blocks.feed(text_of(data))
    blocks.handle_endtag("p")
    called, held = "", list[str]()
    for tag, text in blocks.found:
        if tag not in _HEADINGS:
            held.append(text)
            continue
        if held:
            yield from _section(called, held)
            called, held = "", []
        called = f"{called} {text}".strip()
    yield from _section(called, held)


def _runs(paragraph: Element) -> Iterator[str]:
    for run in paragraph.iter():
        if run.tag == f"{_WORD}t":
            yield run.text or ""
        elif run.tag in {f"{_WORD}tab", f"{_WORD}br"}:
            yield " "


def _section(called: str, held: list[str]) -> list[Section]:
    text = "\n\n".join(one for one in held if one)
    return [Section(called, text, called)] if text else []
