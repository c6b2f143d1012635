"""A file or page, read apart."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.apart import ChildBounds, answer, ask_child
from pipeline.errors import Refused
from pipeline.sources.facts import source_of
from pipeline.sources.kinds import kind_of
from pipeline.sources.packed import hold_to_size
from pipeline.words.source import Document, SourceKind, StorySource

MOST_BYTES = 100_000_000
_MOST_SAID_BYTES = 16_000_000
_ZIPPED = b"PK\x03\x04"
_READERS: Mapping[SourceKind, str] = {
    SourceKind.PDF: "pipeline.sources.pdf:read_pdf",
    SourceKind.EPUB: "pipeline.sources.packed:read_epub",
    SourceKind.DOCX: "pipeline.sources.packed:read_docx",
    SourceKind.PAGE: "pipeline.sources.markup:read_page",
    SourceKind.FEED: "pipeline.sources.markup:read_feed",
    SourceKind.TABLE: "pipeline.sources.sheets:read_table",
    SourceKind.TEXT: "pipeline.sources.prose:read_text",
    SourceKind.PICTURE: "pipeline.sources.pictures:read_picture",
}
"""Who reads what; imported only when there is something for it, since a child pays for each import."""


@dataclass(frozen=True)
class ReadingBounds(ChildBounds):
    """What the child may use, and how large the file may be."""

    most_bytes: int = MOST_BYTES


def read_source(file: Path, origin: str, bounds: ReadingBounds | None = None) -> StorySource:
    """What a stranger's file says, as facts with their places; raises Refused, whatever it does to its reader."""
    from pipeline.words.jsonable import from_json  # here: the child has no use for it

    return from_json(StorySource, json.loads(_read(file, bounds or ReadingBounds(), origin)))


def read_whole(file: Path, bounds: ReadingBounds | None = None) -> Document:
    """The same file whole, by chapters, to be read as it is written."""
    from pipeline.words.jsonable import from_json

    return from_json(Document, json.loads(_read(file, bounds or ReadingBounds(), None)))


def _read(file: Path, bounds: ReadingBounds, origin: str | None) -> bytes:
    if file.stat().st_size > bounds.most_bytes:
        raise Refused("file_big", most_mb=bounds.most_bytes // 10**6)
    return ask_child(__name__, [str(file.absolute()), origin], bounds, _MOST_SAID_BYTES, "file_damaged")


def read_here(file: str, origin: str | None) -> bytes:
    """Read it in this very process, as the child does: facts as JSON, or without an origin the whole document."""
    path = Path(file)
    kind = kind_of(path)
    if _zipped(path):
        hold_to_size(path)
    if kind in (SourceKind.SOUND, SourceKind.FILM):
        return _said(Document(kind) if origin is None else StorySource(kind, (), origin))
    module, name = _READERS[kind].split(":")
    try:
        document: Document = getattr(importlib.import_module(module), name)(path)
    except MemoryError as error:
        raise Refused("file_swollen", most_mb=MOST_BYTES // 10**6) from error
    if not document.sections and not document.found:
        raise Refused("file_wordless")
    return _said(document if origin is None else source_of(document, origin))


def _said(made: Document | StorySource) -> bytes:
    return json.dumps(asdict(made), ensure_ascii=False).encode()


def _zipped(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == _ZIPPED


if __name__ == "__main__":
    sys.exit(answer(sys.argv[1], read_here))
