"""Words out of text, Markdown and markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.sources.kinds import text_of
from pipeline.tables import by_language
from pipeline.words.source import Document, Section, SourceKind

_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_UNDERLINE = re.compile(r"^(=|-){3,}\s*$")
_FENCE = re.compile(r"^(```|~~~)")
_MARKS = (
    (re.compile(r"!\[[^\]]*\]\([^)]*\)"), ""),
    (re.compile(r"\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"(\*\*|__|\*|(?<!\w)_)(\S(?:.*?\S)?)\1(?!\w)"), r"\2"),
    (re.compile(r"`([^`]*)`"), r"\1"),
    (re.compile(r"^[ \t]*(?:[-*+•‣–]|\d+[.)])[ \t]+", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*>[ \t]?", re.MULTILINE), ""),
    (re.compile(r"<https?://[^>]*>|https?://\S+"), ""),
)
_MOST_TITLE_WORDS = 12


def read_text(path: Path) -> Document:
    """A text or a Markdown file, titled by its first heading."""
    text = text_of(path.read_bytes())
    heading = next((match for line in _lines(text) if (match := _HEADING.match(line))), None)
    title = unmarked(heading[2]) if heading and len(heading[1]) == 1 else ""
    return Document(SourceKind.TEXT, title, tuple(sections_of(text)))


def sections_of(text: str) -> list[Section]:
    """A text or a Markdown file by its headings; what comes before the first has no title."""
    title, held, found = "", list[str](), list[Section]()
    for line in _lines(text):
        heading = _HEADING.match(line)
        called = heading[2] if heading else line.strip() if is_chapter(line) else ""
        if called:
            found += _section(title, held)
            title, held = unmarked(called), []
        else:
            held.append(line)
    return found + _section(title, held)


def unmarked(text: str) -> str:
    """Without the marks of Markdown, links and entities."""
    for mark, put in _MARKS:
        text = mark.sub(put, text)
    return re.sub(r"[ \t]+", " ", html.unescape(text)).strip()


def paragraphs_of(lines: str) -> str:
    """Lines that a page broke, joined again; words that it parted, whole."""
    text = re.sub(r"(\w)[-\u00ad\u2010]\n(?=[a-zà-öø-ÿ])", r"\1", lines.replace("\r\n", "\n"))
    blocks = [" ".join(block.split()) for block in re.split(r"\n\s*\n", text)]
    return "\n\n".join(block for block in blocks if block)


def is_chapter(line: str) -> bool:
    """Whether a line only says that a chapter begins, where nothing else marks it: `Chapter 3`."""
    return bool(_chapters().match(line.strip())) and len(line.split()) <= _MOST_TITLE_WORDS


@dataclass(frozen=True)
class _Headings:
    """Of a file data/languages/<code>/retelling.toml."""

    chapter: str
    """Words that begin a chapter's number, parted by |."""


@cache
def _chapters() -> re.Pattern[str]:
    words = "|".join(one.chapter for one in by_language("retelling", _Headings).values())
    return re.compile(rf"(?:{words})\s+[\divxlc]+\b", re.IGNORECASE)


def _lines(text: str) -> Iterator[str]:
    """Lines of prose; code is left out, underlined titles become headings."""
    fenced, lines = False, text.splitlines()
    for at, line in enumerate(lines):
        if _FENCE.match(line.strip()):
            fenced = not fenced
        elif fenced or (_UNDERLINE.match(line) and at and lines[at - 1].strip()):
            continue
        elif at + 1 < len(lines) and _UNDERLINE.match(lines[at + 1]) and 0 < len(line.split()) <= _MOST_TITLE_WORDS:
            yield f"# {line.strip()}"
        else:
            # An item of a list is a sentence of its own.
            yield f"\n{line}\n" if re.match(r"\s*(?:[-*+•]|\d+[.)])\s", line) else line


def _section(title: str, lines: list[str]) -> list[Section]:
    text = paragraphs_of(unmarked("\n".join(lines)))
    return [Section(title, text, title)] if text else []
