"""Searches every byte for a name."""

from __future__ import annotations

import mmap
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipeline.artifacts import Artifacts
from pipeline.places import MEMORY

OURS = "echotales-*"
"""Names of the project's temporary folders, in memory and in the system's temporary folder."""
_PASSED_OVER = ("cache",)
"""Weights: gigabytes without a member's word. The operator's own scan goes through them too."""
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class Trace:
    """A file that holds the name."""

    path: Path
    times: int  # how often


def traces(home: Path, name: str) -> list[Trace]:
    """Return the files below a folder that hold these letters; databases' free pages and logs, and zips, included."""
    return _traces(_files(home, _PASSED_OVER), name)


def traces_everywhere(home: Path, cache: Path, name: str) -> list[Trace]:
    """Do the same among weights too, and in temporary folders: files decrypted, or on their way to somebody."""
    memory = [MEMORY] if MEMORY.is_dir() else []
    brief = [folder for place in (*memory, Path(tempfile.gettempdir())) for folder in sorted(place.glob(OURS))]
    elsewhere = [] if cache.is_relative_to(home) else [cache]
    return _traces((path for folder in (home, *elsewhere, *brief) for path in _files(folder)), name)


def traces_in_depot(artifacts: Artifacts, name: str) -> list[Trace]:
    """Do the same in the shared store, in words alone, since sounds hold no letters. Raises Unwell where it is away."""
    found = ((Path(one), data.count(name.encode())) for one, data in artifacts.words_in_depot())
    return [Trace(path, times) for path, times in found if times]


def _traces(paths: Iterable[Path], name: str) -> list[Trace]:
    found = ((path, _times(path, name.encode())) for path in paths)
    return [Trace(path, times) for path, times in found if times]


def _files(folder: Path, passed_over: tuple[str, ...] = ()) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.relative_to(folder).parts[0] not in passed_over:
            yield path


def _times(path: Path, name: bytes) -> int:
    with suppress(FileNotFoundError, PermissionError):  # gone while we looked, or somebody else's
        return _in_bytes(path, name) + _in_parts(path, name)
    return 0


def _in_bytes(path: Path, name: bytes) -> int:
    if not path.stat().st_size:
        return 0
    # Mapped: a database of gigabytes is searched without being read into memory.
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        times, at = 0, data.find(name)
        while at >= 0:
            times, at = times + 1, data.find(name, at + len(name))
        return times


def _in_parts(path: Path, name: bytes) -> int:
    """Count in a packed file's parts: a backup's rows are compressed."""
    if not zipfile.is_zipfile(path):
        return 0
    with suppress(zipfile.BadZipFile, NotImplementedError), zipfile.ZipFile(path) as archive:
        # Parts that are stored uncompressed were seen with the file's own bytes.
        packed = [part for part in archive.infolist() if part.compress_type != zipfile.ZIP_STORED]
        return sum(_in_part(archive, part, name) for part in packed)
    return 0


def _in_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: bytes) -> int:
    with archive.open(part) as file:
        return _in_stream(file, name)


def _in_stream(file: IO[bytes], name: bytes) -> int:
    times, before = 0, b""
    while piece := file.read(_PIECE_BYTES):
        data = before + piece
        times += data.count(name)
        before = data[-(len(name) - 1) :] if len(name) > 1 else b""  # a name may lie across two pieces
    return times
