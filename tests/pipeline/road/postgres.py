"""A PostgreSQL server of the test's own."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

UNPRIVILEGED = "nobody"
"""initdb refuses to run as root."""


def binaries() -> Path | None:
    """Where initdb is, or None."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) if Path("/usr/lib/postgresql").exists() else []
    return places[-1].parent if places else None


@dataclass(frozen=True)
class Server:
    """One that can be sent away and called back."""

    url: str
    data: Path
    options: str
    where: Path

    def stop(self) -> None:
        """At once, as after a crash."""
        _run(self.where / "pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    def start(self) -> None:
        """With what it had."""
        log = str(self.data / "log")
        _run(self.where / "pg_ctl", "-D", str(self.data), "-o", self.options, "-w", "-t", "300", "-l", log, "start")


@contextmanager
def served() -> Iterator[str]:
    """Its URL; gone with the block."""
    with server() as one:
        yield one.url


@contextmanager
def server() -> Iterator[Server]:
    """The server itself."""
    where = binaries()
    assert where is not None, "there is no PostgreSQL on this machine"
    # Not below pytest's own folders: those are closed to everybody else again and again.
    with tempfile.TemporaryDirectory(prefix="postgres-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        data.mkdir()
        if os.geteuid() == 0:
            Path(folder).chmod(0o755)
            shutil.chown(data, UNPRIVILEGED)
        _run(where / "initdb", "-D", str(data), "-U", "echo", "--auth=trust", "-E", "UTF8", "--no-sync")
        port = _free_port()
        options = f"-p {port} -k {data} -h 127.0.0.1 -c fsync=off"
        one = Server(f"postgresql://echo@127.0.0.1:{port}/postgres", data, options, where)
        one.start()
        try:
            yield one
        finally:
            one.stop()


def _run(program: Path, *words: str) -> None:
    as_somebody = ["runuser", "-u", UNPRIVILEGED, "--"] if os.geteuid() == 0 else []
    # Nothing may keep its output open: pg_ctl leaves the server behind it.
    subprocess.run([*as_somebody, str(program), *words], check=True, stdout=subprocess.DEVNULL, cwd="/")


def _free_port() -> int:
    """Below those that systems give to clients: a server that comes back after minutes must find its own free."""
    while True:
        port = random.randrange(15_000, 30_000)
        with socket.socket() as sock, suppress(OSError):
            sock.bind(("127.0.0.1", port))
            return port
