"""The next model's files come early."""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pipeline.cancelled import Cancelled
from pipeline.roles import Needs
from pipeline.shelf.budget import Budget
from pipeline.shelf.prefetch import LEFT_BYTES, Prefetch
from pipeline.shelf.shelf import Device, Offer, Shelf

SIZE = 24 << 20
PLENTY = 10.0 * LEFT_BYTES


class Model:
    def close(self) -> None: ...


class Writer: ...


class Narrator: ...


@pytest.fixture
def weights(tmp_path: Path) -> dict[str, Path]:
    files = {role: tmp_path / role for role in ("Writer", "Narrator", "Composer")}
    for path in files.values():
        path.write_bytes(os.urandom(SIZE))
    return files


def prefetching(weights: Mapping[str, Path], held: Callable[[], list[str]], spare: float = PLENTY) -> Prefetch:
    def files(role: str, _needs: Needs) -> tuple[str, list[Path]]:
        return (role.lower(), [weights[role]]) if role in weights else ("", [])

    return Prefetch(files, lambda: spare, held)


def done(prefetch: Prefetch) -> None:
    thread = prefetch.__dict__["_thread"]
    if thread is not None:
        thread.join(30)


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux which pages are in memory")
def test_while_the_writer_works_the_narrators_weights_come_into_memory(weights: dict[str, Path]) -> None:
    for path in weights.values():
        forgotten(path)
    before = [share_in_memory(path) for path in weights.values()]
    if max(before) > 0.5:
        pytest.skip("this file system keeps everything in memory")
    prefetch = prefetching(weights, list)
    device = Device(Budget(1_000.0, lambda: 0.0))
    shelf = Shelf(lambda role, _: [Offer(role.__name__.lower(), "cpu", 1, Model)], {"cpu": device}, None, prefetch)
    with shelf.borrow(Writer, Cancelled()):
        done(prefetch)
    assert share_in_memory(weights["Narrator"]) > 0.95
    assert share_in_memory(weights["Composer"]) < 0.5, "one at a time"


def test_what_is_held_or_was_just_read_is_not_read_again(weights: dict[str, Path]) -> None:
    held: list[str] = ["narrator"]
    prefetch = prefetching(weights, lambda: held)
    prefetch("Writer", {})
    assert prefetch.__dict__["_thread"] is None
    held.clear()
    prefetch("Writer", {})
    first = prefetch.__dict__["_thread"]
    done(prefetch)
    prefetch("Writer", {})
    assert prefetch.__dict__["_thread"] is first


def test_after_the_last_stage_another_tales_writer_is_awaited(weights: dict[str, Path]) -> None:
    prefetch = prefetching(weights, list)
    assert prefetch._next("Composer", {})[0] == "writer"


def test_what_would_push_out_the_page_cache_is_left_where_it_is(weights: dict[str, Path]) -> None:
    forgotten(weights["Narrator"])
    before = share_in_memory(weights["Narrator"]) if sys.platform == "linux" else 0.0
    prefetch = prefetching(weights, list, spare=LEFT_BYTES)
    prefetch("Writer", {})
    done(prefetch)
    if sys.platform == "linux":
        assert share_in_memory(weights["Narrator"]) == pytest.approx(before)


def test_a_file_that_went_away_disturbs_nobody(weights: dict[str, Path]) -> None:
    weights["Narrator"].unlink()
    prefetch = prefetching(weights, list)
    prefetch("Writer", {})
    done(prefetch)
    prefetch.close()


def forgotten(path: Path) -> None:
    """Out of the page cache."""
    if sys.platform != "linux":
        return
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def share_in_memory(path: Path) -> float:
    """Of the file's pages; asks the kernel without touching them."""
    libc = ctypes.CDLL(None, use_errno=True)
    pages = -(-path.stat().st_size // mmap.PAGESIZE)
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        marks = (ctypes.c_ubyte * pages)()
        start = ctypes.c_char.from_buffer(mapped)
        try:
            failed = libc.mincore(ctypes.c_void_p(ctypes.addressof(start)), ctypes.c_size_t(len(mapped)), marks)
        finally:
            del start
    assert not failed
    return sum(mark & 1 for mark in marks) / pages
