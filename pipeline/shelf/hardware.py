"""What this machine has."""

from __future__ import annotations

import ctypes.util
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pipeline.shelf.budget import resident_mb
from pipeline.shelf.nvidia import Ask, Driverless, Gpu, ask, look_at_cards, torch_cuda
from pipeline.shelf.threads import cores

MB = 1_000_000
_FAST_FLAGS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "amx_int8", "asimd", "sve")
"""Those that change how fast a model runs."""
# Where containers keep their ceiling; the machine's own figure would promise memory that is not ours.
_CEILINGS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


@dataclass(frozen=True)
class Hardware:
    """A machine, looked at once."""

    system: str
    """`Linux x86_64`; `Linux x86_64 (WSL)` where Windows carries it."""
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
    driverless: Driverless | None = None
    """NVIDIA cards that no driver speaks for."""
    torch_cuda: str | None = None
    """The CUDA that the installed torch is built with: `13.0`; empty for none, None without a torch."""

    @property
    def vram_mb(self) -> float:
        """Of the largest card; 0 without one."""
        return max((gpu.vram_mb for gpu in self.gpus), default=0.0)

    @property
    def gpu(self) -> Gpu | None:
        """The largest card the big stack can use, else the largest there is."""
        return max(self.gpus, key=lambda gpu: (not gpu.hindrance, gpu.vram_mb), default=None)

    @property
    def hindrance(self) -> str:
        """Why no card here can serve: `driver_missing`, `driver_old`, `capability_old`, `torch_without_cuda`.

        Empty where one can, and where there is none; a big stack that is not installed at all hinders nothing here.
        """
        if self.gpu is None:
            return "driver_missing" if self.driverless else ""
        return self.gpu.hindrance or ("torch_without_cuda" if self.torch_cuda == "" else "")

    @property
    def usable_mb(self) -> float:
        """Memory of the largest card that can serve; 0 where none can."""
        return 0.0 if self.gpu is None or self.hindrance else self.gpu.vram_mb


def look(weights: Path, asked: Ask = ask) -> Hardware:
    """Measure this machine as it is now."""
    info = _cpuinfo()
    total_mb, free_mb = _memory()
    gpus, driverless = look_at_cards(asked)
    return Hardware(
        system=_system(),
        cpu=info.get("model name")
        or asked(("sysctl", "-n", "machdep.cpu.brand_string")).strip()
        or platform.processor(),
        cores=cores(),
        flags=tuple(
            flag for flag in _FAST_FLAGS if flag in f"{info.get('flags', '')} {info.get('features', '')}".split()
        ),
        ram_mb=min(total_mb, _ceiling_mb()),
        ram_free_mb=min(free_mb, _ceiling_mb()),
        gpus=gpus,
        disk_free_mb=_disk_free_mb(weights),
        libopus=libopus(),
        driverless=driverless,
        torch_cuda=torch_cuda(),
    )


def ram_free_mb() -> float:
    """Return the free memory of this machine now, within the container's ceiling."""
    return min(_memory()[1], _ceiling_mb() - resident_mb())


def libopus() -> str:
    """Return the path of the libopus in PyAV's wheel, found without importing it, else of the system's."""
    spec = find_spec("av")
    package = Path(spec.origin).parent if spec and spec.origin else None
    beside = (package.parent / "av.libs", package / ".dylibs", package) if package else ()
    names = ("libopus*.so*", "libopus*.dylib", "*opus*.dll")
    found = (path for folder in beside if folder.is_dir() for name in names for path in sorted(folder.glob(name)))
    wheel = next((str(path) for path in found if "opusenc" not in path.name and "opusfile" not in path.name), "")
    return wheel or ctypes.util.find_library("opus") or ""


def _system() -> str:
    under_windows = " (WSL)" if "microsoft" in platform.release().lower() else ""
    return f"{platform.system()} {platform.machine()}{under_windows}"


def _cpuinfo() -> dict[str, str]:
    """Read the first processor of /proc/cpuinfo, keys in lower case; empty on other systems."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n\n", 1)[0].splitlines() if path.exists() else []
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    return {key.strip().lower(): value.strip() for key, value in pairs}


def _memory() -> tuple[float, float]:
    """Return total and free memory, in MB."""
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
    """Return the container's memory limit in MB, or infinity."""
    told = [path.read_text().strip() for path in _CEILINGS if path.exists()]
    return min((int(text) / MB for text in told if text.isdigit()), default=float("inf"))


def _disk_free_mb(folder: Path) -> float:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free / MB
