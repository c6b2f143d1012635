"""Files and links that tales are made from."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import Refused
from pipeline.sources.fetch import fetch_politely, host_of, is_link
from pipeline.sources.reading import MOST_BYTES, read_source
from pipeline.words.source import SourceKind, StorySource


@dataclass(frozen=True)
class Material:
    """A file as it lies here, and what it says."""

    source: StorySource
    recording: bytes | None = None
    """Of a recording or a film: heard, not read."""


@contextmanager
def brought(name: str) -> Iterator[tuple[Path, str]]:
    """A file, or a link's content for the length of the block, with what it is called in credits."""
    if is_link(name):
        fetched = asyncio.run(fetch_politely(name, MOST_BYTES))
        with tempfile.TemporaryDirectory(prefix="echotales-link-") as folder:
            path = Path(folder) / "page"
            path.write_bytes(fetched.data)
            yield path, host_of(fetched.address)
        return
    path = Path(name)
    if not path.is_file():
        raise Refused("file_missing", file=name)
    yield path, path.name


def material_of(name: str) -> Material:
    """What a file or a link says; raises Refused with what to do."""
    with brought(name) as (path, called):
        source = read_source(path, called)
        heard = source.kind in {SourceKind.SOUND, SourceKind.FILM}
        return Material(source, path.read_bytes() if heard else None)
