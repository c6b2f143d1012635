"""Executors begun as copies of one process."""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any, Protocol, cast

from pipeline.places import CHECKOUT

READ = ("tests.faults.stand_in", "tests.bot.troupe")
"""Modules that every test's executor needs: reading them is most of what a start costs."""


class Process(Protocol):
    """What tests do with an executor: `subprocess.Popen` can it, too."""

    pid: int

    @property
    def returncode(self) -> int | None:
        """None while it lives; a signal's number, negative, where it died of one."""

    def poll(self) -> int | None:
        """The same, looked up anew."""

    def wait(self, timeout: float | None = None) -> int:
        """Until it is over; raises subprocess.TimeoutExpired."""

    def send_signal(self, sig: int) -> None:
        """Where it still lives."""

    def kill(self) -> None:
        """At once."""

    def terminate(self) -> None:
        """As asked politely."""


def begun(module: str, told: str, log: Path, environ: dict[str, str]) -> Process:
    """`python -m module told` in a session of its own, what it says at the end of `log`."""
    log.touch()
    if sys.platform == "linux" and module in READ:
        return _nursery().begun(module, told, log, environ)
    with log.open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", module, told],
            cwd=CHECKOUT, stderr=file, stdout=file, start_new_session=True, env=environ,
        )  # fmt: skip


class _Copy:
    """A child of the nursery, as its grandparent sees it."""

    def __init__(self, pid: int, ended: IO[str]) -> None:
        self.pid, self._ended = pid, ended
        self.returncode: int | None = None
        self._over = threading.Event()
        threading.Thread(target=self._look, name=f"executor {pid}", daemon=True).start()

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if not self._over.wait(timeout):
            raise subprocess.TimeoutExpired(f"executor {self.pid}", timeout or 0.0)
        return cast(int, self.returncode)

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def _look(self) -> None:
        line = self._ended.readline()
        self._ended.close()
        self.returncode = os.waitstatus_to_exitcode(int(line)) if line else -signal.SIGKILL
        self._over.set()


class _Nursery:
    """A process with one thread that has read all modules, and makes a copy of itself for each wish."""

    def __init__(self) -> None:
        self._wishes, theirs = socket.socketpair()
        environ = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
        command = [sys.executable, "-m", "tests.faults.nursery", str(theirs.fileno())]
        self._process = subprocess.Popen(
            command, cwd=CHECKOUT, pass_fds=[theirs.fileno()], env=environ, stdin=subprocess.DEVNULL
        )
        theirs.close()
        self._lock = threading.Lock()
        atexit.register(self._close)

    def begun(self, module: str, told: str, log: Path, environ: dict[str, str]) -> _Copy:
        ours, theirs = socket.socketpair()
        wish = json.dumps([module, told, str(log), environ]).encode()
        with self._lock:
            socket.send_fds(self._wishes, [len(wish).to_bytes(4, "big")], [theirs.fileno()])
            self._wishes.sendall(wish)
        theirs.close()
        ended = ours.makefile("r")
        ours.close()
        return _Copy(int(ended.readline()), ended)

    def _close(self) -> None:
        self._wishes.close()
        self._process.wait()


@cache
def _nursery() -> _Nursery:
    return _Nursery()


def _serve(wishes: socket.socket) -> None:
    """Until whoever wishes is gone."""
    while True:
        size, fds, *_ = socket.recv_fds(wishes, 4, 1)
        _reap()
        if not size:
            return
        wish, left = b"", int.from_bytes(size, "big")
        while len(wish) < left:
            wish += wishes.recv(left - len(wish))
        # Between us and the copy stands one that waits for it: we are free for the next.
        if not os.fork():
            wishes.close()
            _keep(fds[0], *json.loads(wish))
        os.close(fds[0])


def _reap() -> None:
    """Whoever is over counts among what this process spent."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _keep(to: int, module: str, told: str, log: str, environ: dict[str, str]) -> None:
    pid = os.fork()
    if not pid:
        os.close(to)
        _become(module, told, log, environ)
    os.write(to, f"{pid}\n".encode())
    looking = select.poll()
    looking.register(to, select.POLLHUP)
    looking.register(os.pidfd_open(pid), select.POLLIN)
    if to in {ready for ready, _ in looking.poll()}:  # whoever began it was killed: it must not work on for nobody
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    with suppress(OSError):
        os.write(to, f"{status}\n".encode())
    os._exit(0)


def _become(module: str, told: str, log: str, environ: dict[str, str]) -> None:
    code = 1
    try:
        os.setsid()
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, 1)
        os.dup2(file, 2)
        os.environ.clear()
        os.environ.update(environ)
        main: Any = importlib.import_module(module).main
        code = main([told])
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:  # noqa: BLE001 - a copy must not go on as its maker
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for _module in READ:
        importlib.import_module(_module)
    gc.freeze()
    _serve(socket.socket(fileno=int(sys.argv[1])))
