"""One run of a registry's client, watched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipeline.errors import Stalled, Unreachable, Unwell

_TAIL_BYTES = 4000
_FULL_DISK = ("No space left on device", "ENOSPC", "not enough space on the disk")


@dataclass(frozen=True)
class RunLimits:
    """How long to wait for a client, whom to tell, and who may stop it."""

    tell: Callable[[int], None] = lambda _: None
    """Bytes that lie in its folder now."""
    check: Callable[[], None] = lambda: None
    """Called between looks; whatever it raises ends the client."""
    stall_s: float = 90.0
    """Silence after which a source counts as hanging."""
    look_s: float = 0.2
    clock: Callable[[], float] = time.monotonic


def run(
    command: Sequence[str], folder: Path, watch: RunLimits, origin: str, env: Mapping[str, str] | None = None
) -> None:
    """Let a client fill `folder`; raises Stalled, Unreachable or Unwell `disk_full`, and never leaves it running."""
    said = folder / ".said"
    with said.open("wb") as out:
        client = _started(command, folder, out, env or {})
        try:
            _wait(client, folder, watch, origin)
        finally:
            _end(client)
    if client.returncode:
        raise _failure(said, folder, origin, client.returncode)
    said.unlink()


def bytes_under(folder: Path) -> int:
    """Return the size of all files below a folder, as far as they can be read while they change."""
    # os.walk passes over folders that vanish while it looks; rglob does not.
    return sum(_size(Path(root) / name) for root, _, names in os.walk(folder) for name in names)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _started(command: Sequence[str], folder: Path, out: IO[bytes], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    # What a client unpacks on the way lies in our folder too: it is thrown away with it, and its growth can be seen.
    scratch = folder / ".scratch"
    scratch.mkdir(exist_ok=True)
    around = {**os.environ, **env, "TMPDIR": str(scratch), "TEMP": str(scratch), "TMP": str(scratch)}
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    try:
        return subprocess.Popen(
            list(command),
            cwd=folder,
            env=around,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=sys.platform != "win32",
            creationflags=flags,
        )
    except OSError as error:
        raise Unreachable("source_no_client", client=command[0], why=str(error)) from error


def _wait(client: subprocess.Popen[bytes], folder: Path, watch: RunLimits, origin: str) -> None:
    lying, since_s = -1, watch.clock()
    while _running(client, watch.look_s):
        watch.check()
        now = bytes_under(folder)
        if now != lying:
            lying, since_s = now, watch.clock()
            watch.tell(now)
        elif watch.clock() - since_s > watch.stall_s:
            raise Stalled("source_stalled", origin=origin, seconds=round(watch.stall_s))


def _running(client: subprocess.Popen[bytes], look_s: float) -> bool:
    try:
        client.wait(look_s)
    except subprocess.TimeoutExpired:
        return True
    return False


def _end(client: subprocess.Popen[bytes]) -> None:
    if client.poll() is not None:
        return
    if sys.platform == "win32":
        client.kill()
    else:
        os.killpg(client.pid, signal.SIGKILL)
    client.wait()


def _failure(said: Path, folder: Path, origin: str, code: int) -> Exception:
    tail = said.read_bytes()[-_TAIL_BYTES:].decode(errors="replace")
    if any(word in tail for word in _FULL_DISK):
        return Unwell("disk_full", folder=str(folder), why=tail.strip().splitlines()[-1])
    lines = [line.strip() for line in tail.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith(("error", "npm error", "npm err"))] or lines
    return Unreachable("source_refused", origin=origin, why=errors[-1][:300] if errors else f"exit {code}")
