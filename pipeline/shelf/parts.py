"""Members made of their parts."""

from __future__ import annotations

import hashlib
import io
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from pipeline.errors import Damaged, Unreachable
from pipeline.shelf.manifest import Member, ModelEntry, Source
from pipeline.shelf.receipts import Hashing, note_receipt, sha256_of
from pipeline.shelf.sources import unpack

Check = Callable[[], None]


@dataclass(frozen=True)
class Want:
    """A member that is to come, and the folder of all weights."""

    entry: ModelEntry
    name: str
    member: Member
    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / self.entry.id

    def parts_home(self, source: Source) -> Path:
        """Return the folder of finished parts; each source has its own, since each is cut differently."""
        key = hashlib.sha256(f"{source.origin} {source.member}".encode()).hexdigest()[:12]
        return self.home / ".parts" / self.name.replace("/", "_") / key


def kept_part(want: Want, source: Source, part: int) -> Path | None:
    """Return the finished part of an earlier try; its name holds its hash, so that a damaged one is fetched again."""
    for path in want.parts_home(source).glob(f"{part:03}-*"):
        if sha256_of(path) == path.name.partition("-")[2]:
            return path
        path.unlink()
    return None


def take_part(want: Want, source: Source, part: int, got: Path, check: Check) -> None:
    """Unpack one part out of what was fetched and keep it, whole or not at all."""
    home = want.parts_home(source)
    home.mkdir(parents=True, exist_ok=True)
    half = home / f"half-{part:03}"
    with half.open("wb") as out:
        hashing = Hashing(out, check)
        _unpack_into(hashing, source, part, got)
    if not hashing.size:
        half.unlink()
        raise Unreachable("source_lacks_member", origin=source.origin, member=source.member)
    half.replace(home / f"{part:03}-{hashing.sha256}")


def join(want: Want, source: Source, check: Check) -> None:
    """Join all parts into the member; raises Damaged `source_changed` where the whole has another hash."""
    # Not hashed once more each: the hash of the whole says it all.
    parts = [next(want.parts_home(source).glob(f"{part:03}-*"), None) for part in range(1, source.parts + 1)]
    half = want.home / (want.name + ".half")
    half.parent.mkdir(parents=True, exist_ok=True)
    with half.open("wb") as out:
        hashing = Hashing(out, check)
        for path in parts:
            if path is None:
                raise _changed(want, source)
            with path.open("rb") as part:
                hashing.take(part)
    size, sha256 = want.member.expected(source)
    if size not in (0, hashing.size) or sha256 not in ("", hashing.sha256):
        half.unlink()
        shutil.rmtree(want.parts_home(source))
        raise _changed(want, source)
    half.replace(want.home / want.name)
    note_receipt(want.home, want.name, hashing.size, hashing.sha256, source.origin)
    shutil.rmtree(want.home / ".parts" / want.name.replace("/", "_"))
    if not any((want.home / ".parts").iterdir()):
        (want.home / ".parts").rmdir()


def _changed(want: Want, source: Source) -> Damaged:
    return Damaged("source_changed", model=want.entry.id, member=want.name, origin=source.origin)


def _unpack_into(out: Hashing, source: Source, part: int, got: Path) -> None:
    try:
        if source.make:
            out.take(io.BytesIO(_made(source, part, got)))
            return
        for _, inside in unpack(source, part, got):
            out.take(inside)
            return
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError) as error:
        raise Unreachable("source_refused", origin=source.origin, why=f"what came is damaged: {error}") from error


def _made(source: Source, part: int, got: Path) -> bytes:
    raw = {name: inside.read() for name, inside in unpack(source, part, got)}
    if not raw:
        return b""
    module, _, function = source.make.partition(":")
    maker = getattr(import_module(module), function)
    made: bytes = maker(raw if "*" in source.member else next(iter(raw.values())))
    return made
