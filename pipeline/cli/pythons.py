"""Which Python fits, and where one is."""

# Read by the front door on any Python from 3.8: the standard library alone, no newer syntax.
from __future__ import annotations

import os
import platform
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import Iterator

VERSIONS = ("3.12", "3.11", "3.13")
"""Those that the locks are made for, best first: where they fit equally, the one with most wheels."""
MACHINES = {
    ("linux", "x86_64"),
    ("linux", "aarch64"),
    ("darwin", "arm64"),
    ("win32", "amd64"),
}
ASK = "import platform, venv, ensurepip; print(platform.python_implementation(), platform.python_version())"
WAIT_S = 10


def why_unfit() -> str:
    """One sentence on why this Python or this machine cannot run EchoTales and what would; empty where it can."""
    if not machine_fits():
        return _machine_sentence()
    if _is_fit(platform.python_implementation(), platform.python_version()):
        return ""
    running = f"{platform.python_implementation()} {platform.python_version()}"
    return f"this is {running}, and none of CPython 3.11, 3.12 or 3.13 was found here; install 3.12 and ask again."


def machine_fits() -> bool:
    """Whether the locks hold wheels for this system and processor."""
    return (sys.platform, platform.machine().lower()) in MACHINES and struct.calcsize("P") == 8


def fitting() -> Path | None:
    """The first Python of this machine that fits, really asked; None where there is none."""
    return next((path for path in _candidates() if _answers(path)), None)


def _machine_sentence() -> str:
    if sys.platform == "darwin":
        return (
            "Intel Macs are not served: some of the libraries no longer come for them. "
            "A Mac with Apple silicon and its native Python, Linux or 64-bit Windows will do."
        )
    return (
        f"there are no ready-made libraries for {platform.system()} on {platform.machine()}; "
        "64-bit Linux (x86_64 or arm64), macOS on Apple silicon or 64-bit Windows (x86_64) will do."
    )


def _is_fit(implementation: str, version: str) -> bool:
    return implementation == "CPython" and version.rpartition(".")[0] in VERSIONS


def _answers(path: Path) -> bool:
    try:
        told = subprocess.run([str(path), "-I", "-c", ASK], capture_output=True, text=True, timeout=WAIT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    implementation, _, version = told.stdout.strip().partition(" ")
    return _is_fit(implementation, version)


def _candidates() -> Iterator[Path]:
    """By name on the PATH, by Windows' launcher, then where the usual managers keep them."""
    for version in VERSIONS:
        found = shutil.which("python" + version)
        if found:
            yield Path(found)
    if sys.platform == "win32":
        yield from _launched()
    home = Path.home()
    managed = (
        Path(os.environ.get("PYENV_ROOT", str(home / ".pyenv"))) / "versions",
        home / ".local" / "share" / "uv" / "python",
        Path("/opt/homebrew/bin"),
        Path("/usr/local/bin"),
        Path("/usr/bin"),
    )
    for version in VERSIONS:
        for folder in managed:
            yield from sorted(folder.glob(f"*{version}.*/bin/python3"))
            yield from folder.glob(f"python{version}")


def _launched() -> Iterator[Path]:
    launcher = shutil.which("py")
    for version in VERSIONS if launcher else ():
        command = [str(launcher), "-" + version, "-c", "import sys; print(sys.executable)"]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
        if told.returncode == 0:
            yield Path(told.stdout.strip())
