"""What this machine has."""

from __future__ import annotations

import ctypes.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pipeline.shelf.threads import cores

MB = 1_000_000
_MIB = 1_048_576 / MB
_SMI = ("nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader,nounits")
_SMI_TIMEOUT_S = 10.0
_FAST_FLAGS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "amx_int8", "asimd", "sve")
"""Those that change how fast a model runs."""
# Where containers keep their ceiling; the machine's own figure would promise memory that is not ours.
_CEILINGS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


@dataclass(frozen=True)
class Gpu:
    """One NVIDIA card, as its driver tells."""

    name: str
    vram_mb: float
    driver: str


@dataclass(frozen=True)
class Hardware:
    """A machine, looked at once."""

    system: str
    """`Linux x86_64`."""
    cpu: str
    cores: int
    """Those this process may run on."""
    flags: tuple[str, ...]
    """Of the processor, those that matter for speed."""
    ram_mb: float
    """Of the machine, or of the container if that has a ceiling."""
    ram_free_mb: float
    gpus: tuple[Gpu, ...]
    disk_free_mb: float
    """Where the weights lie."""
    libopus: str
    """Path of a libopus a voice call can use; empty where there is none."""

    @property
    def vram_mb(self) -> float:
        """Of the largest card; 0 without one."""
        return max((gpu.vram_mb for gpu in self.gpus), default=0.0)


Ask = Callable[[Sequence[str]], str]
"""Runs a command and answers what it says; empty where it cannot be run."""


def ask(command: Sequence[str]) -> str:
    """Standard output, or nothing."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SMI_TIMEOUT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout


def look(weights: Path, asked: Ask = ask) -> Hardware:
    """This machine, now."""
    info = _cpuinfo()
    total_mb, free_mb = _memory()
    return Hardware(
        system=f"{platform.system()} {platform.machine()}",
        cpu=info.get("model name")
        or asked(("sysctl", "-n", "machdep.cpu.brand_string")).strip()
        or platform.processor(),
        cores=cores(),
        flags=tuple(
            flag for flag in _FAST_FLAGS if flag in f"{info.get('flags', '')} {info.get('features', '')}".split()
        ),
        ram_mb=min(total_mb, _ceiling_mb()),
        ram_free_mb=min(free_mb, _ceiling_mb()),
        gpus=cards(asked(_SMI)),
        disk_free_mb=_disk_free_mb(weights),
        libopus=libopus(),
    )


def cards(said: str) -> tuple[Gpu, ...]:
    """What nvidia-smi's table names; lines it cannot read are no cards."""
    rows = [[cell.strip() for cell in line.split(",")] for line in said.splitlines()]
    return tuple(Gpu(row[0], float(row[1]) * _MIB, row[2]) for row in rows if len(row) == 3 and row[1].isdigit())


def libopus() -> str:
    """The one in PyAV's wheel, found without importing it, else the system's."""
    spec = find_spec("av")
    package = Path(spec.origin).parent if spec and spec.origin else None
    beside = (package.parent / "av.libs", package / ".dylibs", package) if package else ()
    names = ("libopus*.so*", "libopus*.dylib", "*opus*.dll")
    found = (path for folder in beside if folder.is_dir() for name in names for path in sorted(folder.glob(name)))
    wheel = next((str(path) for path in found if "opusenc" not in path.name and "opusfile" not in path.name), "")
    return wheel or ctypes.util.find_library("opus") or ""


def _cpuinfo() -> dict[str, str]:
    """The first processor of /proc/cpuinfo, keys in lower case; empty elsewhere."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n\n", 1)[0].splitlines() if path.exists() else []
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    return {key.strip().lower(): value.strip() for key, value in pairs}


def _memory() -> tuple[float, float]:
    """Total and free, in MB."""
    if sys.platform == "win32":
        return _windows_memory()
    page = os.sysconf("SC_PAGE_SIZE")
    total = os.sysconf("SC_PHYS_PAGES") * page / MB
    meminfo = Path("/proc/meminfo")
    if not meminfo.exists():
        return total, total
    rows = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
    return total, int(rows["MemAvailable"].split()[0]) * 1024 / MB


def _windows_memory() -> tuple[float, float]:
    words = ("total", "free", "page_total", "page_free", "virtual_total", "virtual_free", "extended")

    class Status(ctypes.Structure):
        _fields_ = [
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((word, ctypes.c_ulonglong) for word in words),
        ]

    status = Status(length=ctypes.sizeof(Status))
    windll = getattr(ctypes, "windll")  # noqa: B009 - the attribute exists on Windows alone
    windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
    return status.total / MB, status.free / MB


def _ceiling_mb() -> float:
    """The container's, or infinity."""
    told = [path.read_text().strip() for path in _CEILINGS if path.exists()]
    return min((int(text) / MB for text in told if text.isdigit()), default=float("inf"))


def _disk_free_mb(folder: Path) -> float:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free / MB
