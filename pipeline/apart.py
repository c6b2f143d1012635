"""Strangers' files, read in a child process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO, Any, cast

from pipeline.errors import Refused
from pipeline.places import CHECKOUT

_PIECE_BYTES = 1 << 16


@dataclass(frozen=True)
class ChildBounds:
    """What a child may use: a small file may claim gigabytes and hours."""

    memory_bytes: int = 2**30
    """Address space, libraries included; where the system keeps to it (Linux does)."""
    cpu_s: int = 60
    wall_s: float = 120.0


def ask_child(module: str, asked: Sequence[Any], bounds: ChildBounds, most_bytes: int, unreadable: str) -> bytes:
    """Run `module` with these arguments and return what it writes; it must call `answer` when it is the main one.

    Raises Refused with the child's own code, and `unreadable` with `why` for one that died or said too much.
    """
    child = subprocess.Popen(
        [sys.executable, "-m", module, json.dumps([[bounds.memory_bytes, bounds.cpu_s], asked])],
        cwd=CHECKOUT,
        env=_environ(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with child:
        late = threading.Timer(bounds.wall_s, child.kill)
        late.start()
        try:
            made = _at_most(cast(IO[bytes], child.stdout), most_bytes)
            said = cast(IO[bytes], child.stderr).read(_PIECE_BYTES) if made is not None else b""
        finally:
            late.cancel()
            child.kill()  # done long ago, or never to be
    if made is None:
        raise Refused(unreadable, why="too much in it")
    if child.returncode:
        raise _refusal(said, child.returncode, unreadable)
    return bytes(made)


def answer(asked: str, work: Callable[..., bytes | memoryview]) -> int:
    """In the child: write what `work` makes to stdout, or its refusal to stderr; it dies alone of a bad file."""
    (memory_bytes, cpu_s), arguments = json.loads(asked)
    _bind(memory_bytes, cpu_s)
    try:
        made = work(*arguments)
    except Refused as refused:
        print(json.dumps({"code": refused.code, "fields": refused.fields}), file=sys.stderr)
        return 1
    sys.stdout.buffer.write(made)
    return 0


def _environ() -> dict[str, str]:
    """No secret of ours, and one thread: a reader that is taken over finds nothing to tell."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    return kept | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(CHECKOUT)}


def _at_most(pipe: IO[bytes], most_bytes: int) -> bytearray | None:
    """To its end; None where more comes."""
    made = bytearray()
    while piece := pipe.read(_PIECE_BYTES):
        made += piece
        if len(made) > most_bytes:
            return None
    return made


def _refusal(said: bytes, code: int, unreadable: str) -> Refused:
    try:
        told = json.loads(said)
        return Refused(str(told["code"]), **told["fields"])
    except (ValueError, LookupError, TypeError):
        return Refused(unreadable, why=f"its reader ended with {code}")


def _bind(memory_bytes: int, cpu_s: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
