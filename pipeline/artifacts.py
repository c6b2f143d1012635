"""Sounds and pictures by content hash."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from pipeline.depot import Depot, Lying
from pipeline.errors import Missing, Unwell
from pipeline.opened import Opened
from pipeline.seal import Seal
from pipeline.whole_file import HALF_MADE, disk_faults, write_whole
from pipeline.words.sound import Artifact

LEAST_FREE_BYTES = 1_000_000_000
"""With less room than this no new tale is begun."""
LOVED = "loved"
"""Folder of marks, one for each file that somebody loves."""
_NEVER_GOES = (".json", ".npz")
"""A tale's own words, and voices that were learnt."""
_WORDS = (".json", ".vtt", ".txt")
_DISK_SHARE = 0.1
_UNTOUCHED_S = 3600.0
"""What is younger may belong to a tale that is being told."""


class Artifacts:
    """A folder of immutable files; the same bytes are kept once, and a file is whole or absent.

    With a depot the folder is what this machine has at hand, and every file lies in the depot too. With a seal the
    files are unreadable on disk and in the depot; what is asked for is opened in memory, where the system has such a
    folder.
    """

    def __init__(self, folder: Path, depot: Depot | None = None, seal: Seal | None = None) -> None:
        self._folder = folder
        self._depot = depot
        self._seal = seal or Seal()
        self._opened = Opened(self._seal) if self._seal.shuts else None

    def __call__(self, data: bytes, suffix: str) -> Artifact:
        """Keep these bytes; raises Unwell `disk_full`, `disk_refused` or `artifacts_unreachable`."""
        artifact = Artifact(hashlib.sha256(data).hexdigest(), suffix, len(data))
        path = self._place(artifact)
        if not path.exists():
            with disk_faults(path.parent):
                path.parent.mkdir(parents=True, exist_ok=True)
                write_whole(path, self._seal.shut_bytes(data), private=True)
        return self._shared(artifact)

    def adopt(self, path: Path, suffix: str) -> Artifact:
        """Keep a finished file too large to carry in memory, taking it from where it lies; raises as above."""
        if self._opened is not None:
            artifact = self(path.read_bytes(), suffix)  # a seal is of the whole
            path.unlink()
            return artifact
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        artifact = Artifact(digest, suffix, path.stat().st_size)
        place = self._place(artifact)
        with disk_faults(place.parent):
            place.parent.mkdir(parents=True, exist_ok=True)
            beside = place.with_name(f"{HALF_MADE}{os.getpid()}-{threading.get_ident()}-{place.name}")
            try:
                shutil.move(path, beside)
                beside.replace(place)
            finally:
                beside.unlink(missing_ok=True)
        return self._shared(artifact)

    def path(self, artifact: Artifact) -> Path:
        """Where it lies on this machine, brought from the depot if need be; to be opened at once.

        Raises Missing `artifact_gone`, Unwell `disk_full` or `disk_refused`, Damaged `seal_broken`.
        """
        path = self._fetched(artifact)
        if self._opened is None:
            return path
        with disk_faults(path.parent), _there(artifact):
            return self._opened.of(path)

    def read(self, artifact: Artifact) -> bytes:
        """Its bytes, for what is short: nothing is opened on a disk for it. Raises as `path`, and Damaged."""
        path = self._fetched(artifact)
        with disk_faults(path.parent), _there(artifact):
            return self._seal.open_bytes(path.read_bytes())

    def love(self, artifacts: Iterable[Artifact], *, loved: bool = True) -> None:
        """These go last when room is made; seen by every machine."""
        for artifact in artifacts:
            mark = self._folder / LOVED / artifact.sha256
            if loved:
                mark.parent.mkdir(parents=True, exist_ok=True)
                mark.touch()
                if self._depot is not None:
                    self._depot.put(mark, f"{LOVED}/{artifact.sha256}")
            else:
                self._away(mark, f"{LOVED}/{artifact.sha256}")

    def use(self, artifacts: Iterable[Artifact]) -> None:
        """These are about to be played: as young as what was just made, so that no trim takes them meanwhile."""
        for artifact in artifacts:
            with suppress(OSError):  # gone, or brought from the depot when it is asked for
                os.utime(self._place(artifact))

    def erase(self, artifacts: Iterable[Artifact]) -> None:
        """Gone at once, from every store; what is gone already is no trouble."""
        for artifact in artifacts:
            if self._opened is not None:
                self._opened.close(self._place(artifact))
            self._away(self._place(artifact), _name(artifact))
            self._away(self._folder / LOVED / artifact.sha256, f"{LOVED}/{artifact.sha256}")

    def forget(self, marks: Collection[str]) -> int:
        """What was erased elsewhere: our copies go, opened ones too; says how many files went.

        Without a depot the folder is the eraser's own, who removed them.
        """
        gone = 0
        if self._depot is not None and marks:
            for path in [path for path in self._folder.glob("??/*") if mark_of(path.stem) in marks]:
                path.unlink(missing_ok=True)
                gone += 1
        if self._opened is not None:
            self._opened.close_if(lambda name: not (self._folder / name[:2] / name).exists())
        return gone

    def lying(self) -> list[Lying]:
        """Every file here and in the depot, by its name alone, as old as its younger copy; no marks of love."""
        found: dict[str, Lying] = {}
        for one in [*_local(self._folder), *(self._depot.files() if self._depot is not None else [])]:
            folder, _, name = one.path.rpartition("/")
            if folder.endswith(f"/{name[:2]}") and one.since_s >= found.get(name, one).since_s:
                found[name] = Lying(name, one.size, one.since_s)
        return list(found.values())

    def words_in_depot(self) -> Iterator[tuple[str, bytes]]:
        """Of each file there that holds words, its path and what stands in it as it lies."""
        if self._depot is not None:
            for one in self._depot.files():
                if one.path.endswith(_WORDS):
                    yield one.path, self._depot.read(one.path)

    def refuse_without_room(self, free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free) -> None:
        """Raises Unwell `disk_nearly_full` before a tale is begun that could not be kept."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if free(self._folder) < LEAST_FREE_BYTES:
            raise Unwell("disk_nearly_full", folder=str(self._folder))

    def trim(self, most_bytes: int) -> int:
        """Let the oldest go until the rest fits, the loved last; says how many went.

        What goes is sound and picture, never a tale: its words, seed and timeline tell it again, the same. Where there
        is a depot all may go, for it lies there too.
        """
        gone = _over_the_ceiling(_local(self._folder), most_bytes, () if self._depot is not None else _NEVER_GOES)
        for one in gone:
            Path(one.path).unlink(missing_ok=True)
        return len(gone)

    def trim_depot(self, most_bytes: int) -> int:
        """The same in the store that all machines share."""
        if self._depot is None:
            return 0
        gone = _over_the_ceiling(self._depot.files(), most_bytes)
        self._depot.remove([one.path for one in gone])
        return len(gone)

    def ceiling_bytes(self, wished_gb: float) -> int:
        """The operator's, but never more than a tenth of the disk."""
        return int(min(wished_gb * 1e9, shutil.disk_usage(self._folder).total * _DISK_SHARE))

    def _fetched(self, artifact: Artifact) -> Path:
        path = self._place(artifact)
        if not path.exists():
            if self._depot is None:
                raise Missing("artifact_gone", sha256=artifact.sha256)
            with disk_faults(path.parent):
                self._depot.get(artifact, _name(artifact), path)
        return path

    def _shared(self, artifact: Artifact) -> Artifact:
        if self._depot is not None:
            self._depot.put(self._place(artifact), _name(artifact))
        return artifact

    def _away(self, path: Path, name: str) -> None:
        with disk_faults(path.parent):
            path.unlink(missing_ok=True)
        if self._depot is not None:
            self._depot.remove([name])

    def _place(self, artifact: Artifact) -> Path:
        return self._folder / _name(artifact)


def artifacts_of(folder: Path, url: str = "", key: str = "") -> Artifacts:
    """This machine's folder alone, or with the store behind an fsspec URL; sealed where there is a key."""
    return Artifacts(folder, Depot(url) if url else None, Seal(key))


def mark_of(sha256: str) -> str:
    """Of an erased file: who has it knows it, nobody else learns a name."""
    return hashlib.sha256(f"erased:{sha256}".encode()).hexdigest()


def _name(artifact: Artifact) -> str:
    return f"{artifact.sha256[:2]}/{artifact.sha256}{artifact.suffix}"


def _local(folder: Path) -> list[Lying]:
    found = []
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # gone while we look
            if path.is_file():
                stat = path.stat()
                found.append(Lying(path.as_posix(), stat.st_size, stat.st_mtime))
    return found


def _over_the_ceiling(files: Sequence[Lying], most_bytes: int, never: tuple[str, ...] = _NEVER_GOES) -> list[Lying]:
    loved = {one.path.rpartition("/")[2] for one in files if f"/{LOVED}/" in one.path}
    over = sum(one.size for one in files) - most_bytes
    loose = [one for one in files if not one.path.endswith(never) and f"/{LOVED}/" not in one.path]
    loose = [one for one in loose if time.time() - one.since_s > _UNTOUCHED_S]
    loose.sort(key=lambda one: (PurePosixPath(one.path).stem in loved, one.since_s))
    gone = []
    for one in loose:
        if over <= 0:
            break
        gone.append(one)
        over -= one.size
    return gone


@contextmanager
def _there(artifact: Artifact) -> Iterator[None]:
    """It may be erased between the look and the reading."""
    try:
        yield
    except FileNotFoundError as error:
        raise Missing("artifact_gone", sha256=artifact.sha256) from error
