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
from pipeline.places import Places
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
    memory_bytes: int = 3 * 2**29
    """Enough for the models that read print."""


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
    asked = [str(file.absolute()), origin, str(Places.here().weights)]
    return ask_child(__name__, asked, bounds, _MOST_SAID_BYTES, "file_damaged")


def read_here(file: str, origin: str | None, weights: str = "") -> bytes:
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
        document = _with_print(document, path, Path(weights))
    except MemoryError as error:
        raise Refused("file_swollen", most_mb=MOST_BYTES // 10**6) from error
    if not document.sections and not document.found:
        raise Refused("file_wordless")
    if origin is None:
        return _said(document)
    source = source_of(document, origin)
    if not source.facts:
        raise Refused("file_wordless")
    return _said(source)


def _with_print(document: Document, path: Path, weights: Path) -> Document:
    """The same with the words that it shows as a picture, where its weights are here."""
    scan = document.kind is SourceKind.PDF and not document.sections
    if not scan and document.kind is not SourceKind.PICTURE:
        return document
    from pipeline.sources.print import read_print, read_scan  # here: onnxruntime comes with it

    return read_scan(path, weights) if scan else read_print(document, path, weights)


def _said(made: Document | StorySource) -> bytes:
    return json.dumps(asdict(made), ensure_ascii=False).encode()


def _zipped(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == _ZIPPED


if __name__ == "__main__":
    sys.exit(answer(sys.argv[1], read_here))
