"""What lies in the weights folder."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from pipeline.shelf.manifest import Member, ModelEntry, Source
from pipeline.shelf.sources import installed_file
from pipeline.whole_file import write_whole

_CHUNK = 1 << 20
_NOTE = "receipt.json"
_COMMIT = re.compile(r"[0-9a-f]{40}")
_PINNED_NOTE = "revisions.json"


def file_of(entry: ModelEntry, name: str, member: Member, folder: Path) -> Path:
    """Return where this member lies or would lie: in an installed package, else in the entry's own folder."""
    source = member.sources[0]
    path = installed_file(source) if source.kind == "installed" else None
    fits = path is not None and path.stat().st_size == member.expected(source)[0]
    return path if path and fits else folder / entry.id / name


def whole(entry: ModelEntry, name: str, member: Member, folder: Path) -> bool:
    """Whether it is there at its full size; what a file's bytes are is for `verify`."""
    path = file_of(entry, name, member, folder)
    return path.is_file() and path.stat().st_size in _sizes(entry, name, member, folder)


def hashes(entry: ModelEntry, name: str, member: Member, folder: Path) -> frozenset[str]:
    """Return the hashes it may have: the manifest's, or where only a revision is pinned, the first pull's."""
    known = frozenset(sha256 for _, sha256 in member.fits if sha256)
    noted = read_receipt(folder / entry.id).get(name, {}).get("sha256")
    return known or frozenset({str(noted)} if noted else ())


def read_receipt(folder: Path) -> dict[str, dict[str, object]]:
    """Read what was pulled into this folder: member to bytes, sha256 and origin."""
    return read_note(folder / _NOTE)


def note_receipt(folder: Path, name: str, size: int, sha256: str, origin: str) -> None:
    """Write down what came and from where; called by the one puller that holds the folder's lock."""
    noted = {**read_receipt(folder), name: {"bytes": size, "sha256": sha256, "origin": origin}}
    write_note(folder / _NOTE, noted)


def read_note(path: Path) -> dict[str, Any]:
    """Read a note; empty where it is missing or unreadable."""
    try:
        noted: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return noted


def write_note(path: Path, noted: Mapping[str, Any]) -> None:
    """Write a note, whole or not at all."""
    write_whole(path, json.dumps(noted, indent=1, sort_keys=True))


class Hashing:
    """A file being written, whose size and hash are known as it grows."""

    def __init__(self, out: IO[bytes], check: Callable[[], None] = lambda: None) -> None:
        self._out = out
        self._check = check
        self._digest = hashlib.sha256()
        self.size = 0

    def take(self, inside: IO[bytes]) -> None:
        """Append a whole stream; `check` is called between pieces."""
        while chunk := inside.read(_CHUNK):
            self._check()
            self._digest.update(chunk)
            self._out.write(chunk)
            self.size += len(chunk)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def sha256_of(path: Path) -> str:
    """Return the hash of a whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sizes(entry: ModelEntry, name: str, member: Member, folder: Path) -> set[int]:
    known = {size for size, _ in member.fits if size}
    noted = read_receipt(folder / entry.id).get(name, {}).get("bytes")
    # A hub's file without a known size counts as whole only with the note of the pull that finished it.
    return known or ({int(str(noted))} if noted else set())


def held(source: Source, member: Member, home: Path, commit_of: Callable[[str], str]) -> Source:
    """The same source at one commit: a hub's branch is asked for its commit once, and that is written down in `home`.

    Nothing is asked where the manifest names a commit, or a hash that vouches for the file whatever the branch holds.
    """
    revision = source.hub.partition("@")[2]
    if not source.hub or _COMMIT.fullmatch(revision) or member.expected(source)[1]:
        return source
    noted = read_revisions(home)
    if source.hub not in noted:
        noted[source.hub] = commit_of(source.hub)
        home.mkdir(parents=True, exist_ok=True)
        write_note(home / _PINNED_NOTE, noted)
    return replace(source, hub=f"{source.hub.partition('@')[0]}@{noted[source.hub]}")


def read_revisions(home: Path) -> dict[str, str]:
    """Read the commit of each `owner/name@branch` at its first pull."""
    return read_note(home / _PINNED_NOTE)
