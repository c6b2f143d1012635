"""The environment of this checkout, made ready."""

# Read by the front door on any Python from 3.8: the standard library alone, no newer syntax.
from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Iterator

CHECKOUT = Path(__file__).resolve().parent.parent.parent
VENV = CHECKOUT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
LOCKS = CHECKOUT / "data" / "locks"
TORCH, CUDA = {"gpu", "voices"}, "cuda"
"""The locks that bring torch, and the one they bring along where it is built with CUDA."""
BUSY = VENV / "echotales-installing"
"""There while an install runs; found at the start, the last one was cut off and nothing in .venv can be trusted."""
LOG = VENV / "echotales-install.log"
ELSEWHERE = {
    f"PIP_{name}" for name in ("CONSTRAINT", "DRY_RUN", "NO_BINARY", "PREFIX", "REQUIREMENT", "ROOT", "TARGET", "USER")
}
OPTIONS = ["--require-hashes", "--only-binary", ":all:", "--no-deps"]
OPTIONS += ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
CAUSES = (
    (("No space left", "disk full", "Errno 28"), 13, "the disk is full; free 2 GB and ask again"),
    (("DO NOT MATCH THE HASHES",), 14, "a package is not what the lock names; ask again, and report it if it stays so"),
    (
        ("connection broken", "Max retries", "timed out", "IncompleteRead", "Connection reset", "Temporary failure"),
        12,
        "the package registry cannot be reached; look at the network and ask again, what has come so far is kept",
    ),
    (("No matching distribution",), 15, "the registry has no ready-made wheel for this machine and its system"),
)
"""What pip says, our exit code, our sentence."""


class CannotInstall(Exception):
    """The environment could not be made; the sentence says why and what to do."""

    def __init__(self, sentence: str, exit_code: int = 11) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


def wanted_extra() -> str:
    """ECHOTALES_EXTRA, from the environment or from .env."""
    named = os.environ.get("ECHOTALES_EXTRA")
    if named is not None:
        return named
    try:
        lines = (CHECKOUT / ".env").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    found = [line.split("=", 1)[1].strip().strip("'\"") for line in lines if line.startswith("ECHOTALES_EXTRA=")]
    return found[-1] if found else ""


def is_this() -> bool:
    """Whether this process already runs in the environment, by whatever spelling of its path."""
    return VENV.is_dir() and VENV.samefile(sys.prefix)


def is_ready(layers: tuple[str, ...]) -> bool:
    """Whether every layer is installed as its lock says now: a few small reads, no process."""
    return PYTHON.exists() and not BUSY.exists() and not _lacking(layers)


def make_ready(layers: tuple[str, ...]) -> None:
    """Make what lacks, once, even when two ask at the same time; an install that was cut off is begun anew."""
    with _alone() as held:
        if is_ready(layers):
            return
        if BUSY.exists() or not _works():
            _make_venv()
        lacking = _lacking(layers)
        while lacking:
            BUSY.touch()
            _install(lacking[0], held)
            BUSY.unlink()
            lacking = _lacking(layers)


def _lacking(layers: tuple[str, ...]) -> list[str]:
    """What is not installed as its lock says now; which torch came decides whether a card's libraries are wanted."""
    wanted = [*layers, CUDA] if TORCH & set(layers) and _torch_has_cuda() else layers
    return [layer for layer in wanted if _stamp(layer) != _digest(layer)]


def _torch_has_cuda() -> bool:
    """Of the torch in .venv, by what its own file says; where none is yet, nobody knows."""
    files = [file for lib in ("lib/python*", "Lib") for file in VENV.glob(f"{lib}/site-packages/torch/version.py")]
    return any(re.search(r"^cuda\b[^=]*= *['\"]", file.read_text(encoding="utf-8"), re.MULTILINE) for file in files)


def _digest(layer: str) -> str:
    try:
        return hashlib.sha256((LOCKS / f"{layer}.txt").read_bytes()).hexdigest()
    except FileNotFoundError:
        known = ", ".join(sorted(path.stem for path in LOCKS.glob("*.txt") if path.stem not in ("base", "dev", CUDA)))
        raise CannotInstall(f"there is no extra {layer}; there is: {known}.", 2) from None


def _stamp_file(layer: str) -> Path:
    return VENV / f"echotales-{layer}.sha256"


def _stamp(layer: str) -> str:
    try:
        return _stamp_file(layer).read_text(encoding="utf-8")
    except OSError:
        return ""


def _works() -> bool:
    """Whether .venv has a Python that runs and can install: its base may have been moved or updated away."""
    try:
        return subprocess.run([str(PYTHON), "-c", "import pip"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _make_venv() -> None:
    _say("Making the environment in .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    base = getattr(sys, "_base_executable", None) or sys.executable
    told = subprocess.run([base, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if told.returncode:
        last = (told.stdout + told.stderr).strip().splitlines()[-1:] or [""]
        raise CannotInstall(f".venv could not be made ({last[0]}); on Debian and Ubuntu, install python3-venv first.")


def _install(layer: str, held: tuple[int, ...]) -> None:
    """pip, its wheels and its patience; every word it says is kept in the log. It holds our lock too, should we die."""
    lock = _lock_of(layer)
    total = sum(line[0] != " " for line in lock.read_text(encoding="utf-8").splitlines())
    pip = subprocess.Popen(
        _pip(lock),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        env=_pip_env(),
        pass_fds=held,
    )
    assert pip.stdout is not None
    with pip, LOG.open("a", encoding="utf-8") as log:
        said = _follow(pip.stdout, log, layer, total)
    if pip.returncode:
        if "Installing collected" not in said:
            BUSY.unlink()  # nothing was touched yet: what stands, stands
        raise _why(said)
    _stamp_file(layer).write_text(_digest(layer), encoding="utf-8")


def _lock_of(layer: str) -> Path:
    """Its lock; on a machine without a card with torch's build for processors, where this machine's pip is offered one.

    Left alone, pip prefers the file whose hash its registry names: the one with CUDA, and 3 GB of libraries with it.
    """
    lock = LOCKS / f"{layer}.txt"
    entries = re.split(r"^(?=\S)", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)
    torch = next((entry for entry in entries if entry.startswith("torch==")), "")
    if not torch or sys.platform != "linux" or _has_card():
        return lock
    for_processors = re.sub(r"^torch==[\w.]+", r"\g<0>+cpu", torch)
    ours = VENV / f"echotales-{layer}.txt"
    ours.write_text(for_processors, encoding="utf-8")
    probe = _pip(ours, "--dry-run", "--ignore-installed")
    if subprocess.run(probe, capture_output=True, env=_pip_env(), check=False).returncode:
        return lock
    ours.write_text("".join(for_processors if entry is torch else entry for entry in entries), encoding="utf-8")
    return ours


def _has_card() -> bool:
    """Whether anything here speaks of an NVIDIA card, its driver or its place on the bus."""
    known = (Path("/dev/nvidiactl"), Path("/usr/lib/wsl/lib/nvidia-smi"))
    if shutil.which("nvidia-smi") or any(path.exists() for path in known):
        return True
    vendors = Path("/sys/bus/pci/devices").glob("*/vendor")
    return any(file.read_text().strip() == "0x10de" for file in vendors)


def _pip(lock: Path, *more: str) -> list[str]:
    return [str(PYTHON), "-I", "-X", "utf8", "-m", "pip", "install", *OPTIONS, *more, "-r", str(lock)]


def _pip_env() -> dict[str, str]:
    """The caller's own pip settings count (a mirror, a certificate), but not those that would install elsewhere."""
    return {key: value for key, value in os.environ.items() if key not in ELSEWHERE}


def _follow(lines: IO[str], log: IO[str], layer: str, total: int) -> str:
    """Pass pip's lines to the log and a count of them to the person; gives back the last of what it said."""
    said = ""
    done = 0
    for line in lines:
        log.write(line)
        said = (said + line)[-20_000:]
        if line.startswith(("Collecting ", "Requirement already satisfied", "Ignoring ")):
            done += 1
            _progress(f"Fetching the libraries ({layer}): {min(done, total)} of {total}")
        elif line.startswith("Installing collected"):
            _progress(f"Unpacking the libraries ({layer}); this happens once", last=True)
    return said


def _why(said: str) -> CannotInstall:
    for signs, exit_code, sentence in CAUSES:
        if any(sign in said for sign in signs):
            return CannotInstall(f"{sentence}. (All that pip said: {LOG})", exit_code)
    last = said.strip().splitlines()[-1:] or ["pip said nothing"]
    return CannotInstall(f"the libraries could not be installed: {last[0]} (All that pip said: {LOG})")


def _progress(line: str, *, last: bool = False) -> None:
    """One line that changes where a person watches; elsewhere only where something begins."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="\n" if last else "", file=sys.stderr, flush=True)
    elif last or " 1 of " in line:
        _say(line)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def _alone() -> Iterator[tuple[int, ...]]:
    """One at a time over all processes of this machine; the system lets go when the last holder of the file dies."""
    with (CHECKOUT / ".venv.lock").open("a+") as file:
        if not _lock(file, wait=False):
            _say("Another echotales is installing; waiting for it")
            while not _lock(file, wait=True):
                pass  # Windows gives up every ten seconds
        yield () if sys.platform == "win32" else (file.fileno(),)


def _lock(file: IO[str], *, wait: bool) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt  # Windows alone has it

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # Windows has none

            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError as error:
        # A file system without locks is no reason to refuse: there, two at once are the operator's affair.
        return error.errno not in (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
    return True
