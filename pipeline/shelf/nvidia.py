"""NVIDIA cards, as their driver tells."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

_MIB = 1.048576
"""In MB."""
_TIMEOUT_S = 10.0
# torch 2.13.0 of the gpu lock is built with CUDA 13.0. That it asks for driver 580.65.06 on Linux stands in the release
# manifest of another program built with the same CUDA (vector-lens 0.1.5); that 580.88 is the first for Windows that
# tells CUDA 13.0, in answers of its users; NVIDIA's own table could not be read here. The compute capability its wheels
# are built for stands in PyTorch's RELEASE.md, CUDA support matrix: 7.5 (Turing) and newer.
LEAST_DRIVER = (580, 65)
LEAST_DRIVER_SAID = "580.65 on Linux, 580.88 on Windows"
LEAST_CAPABILITY = (7, 5)
# Asked in this order, each whole: an older nvidia-smi refuses a field it does not know, and then tells nothing at all.
_ALWAYS = ("index", "name", "memory.total", "driver_version")
_QUERIES = (
    (*_ALWAYS, "memory.free", "memory.used", "compute_cap", "driver_model.current"),
    (*_ALWAYS, "memory.free", "memory.used"),
    _ALWAYS,
)
# Where it lies when no PATH leads there: under a Linux of Windows (WSL), and on Windows itself.
_PLACES = (Path("/usr/lib/wsl/lib/nvidia-smi"), Path(r"C:\Windows\System32\nvidia-smi.exe"))
_BUS = Path("/sys/bus/pci/devices")
_CUDA = re.compile(r"CUDA Version:\s*(\d+\.\d+)")
_HOLDER = re.compile(
    r"^\|\s+(\d+)\s+(?:\S+\s+\S+\s+)?(\d+)\s+[CGM+]+\s+(\S.*?)\s+(?:(\d+)MiB|N/A)\s*\|\s*$", re.MULTILINE
)
_TORCH_CUDA = re.compile(r"^cuda\s*(?::[^=]+)?=\s*(?:'([\d.]+)'|\"([\d.]+)\"|None)", re.MULTILINE)

Ask = Callable[[Sequence[str]], str]
"""Runs a command and answers what it says; empty where it cannot be run."""


@dataclass(frozen=True)
class Holder:
    """A process that holds memory of a card."""

    pid: int
    name: str
    """Its path, cut as nvidia-smi cuts it."""
    memory_mb: float | None = None
    """None where the driver does not tell: on Windows."""


@dataclass(frozen=True)
class Gpu:
    """One NVIDIA card."""

    name: str
    vram_mb: float
    driver: str
    """`580.95.05`."""
    free_mb: float | None = None
    """At this moment; None where the driver does not tell."""
    used_mb: float | None = None
    cuda: str = ""
    """The newest CUDA its driver carries: `13.0`; empty where it does not tell."""
    capability: str = ""
    """Compute capability: `8.9`; empty where it does not tell."""
    wddm: bool = False
    """A Windows display driver, which moves memory to and fro behind our back."""
    holders: tuple[Holder, ...] = ()
    """Who holds memory of it, as far as the driver tells."""
    index: int = 0

    @property
    def hindrance(self) -> str:
        """Why the big stack cannot use it: `driver_old` or `capability_old`; empty when it can."""
        if self.capability and _numbers(self.capability) < LEAST_CAPABILITY:
            return "capability_old"  # a newer driver would not mend it
        return "driver_old" if _numbers(self.driver) < LEAST_DRIVER else ""


@dataclass(frozen=True)
class Driverless:
    """Cards that are in the machine and that no driver speaks for."""

    cards: int
    said: str
    """What nvidia-smi had to say, its first line; empty where there is none."""


def ask(command: Sequence[str]) -> str:
    """Return a command's output, whatever its exit code: nvidia-smi says there why it failed. Empty where it hangs."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", errors="replace")


def look_at_cards(asked: Ask = ask, bus: Path = _BUS) -> tuple[tuple[Gpu, ...], Driverless | None]:
    """Return the cards with all that their driver tells; or that there are cards without a driver."""
    said = ""
    for smi in _clients():
        for fields in _QUERIES:
            answer = asked((smi, f"--query-gpu={','.join(fields)}", "--format=csv,noheader,nounits"))
            found = cards(answer, fields)
            if found:
                return _with_holders(found, asked((smi,))), None
            said = said or answer
            if "valid field" not in answer:
                break  # it did not refuse a field: asking for fewer tells no more
    number = _on_bus(bus)
    return (), Driverless(number, said.strip().partition("\n")[0]) if number else None


def cards(said: str, fields: Sequence[str] = _ALWAYS) -> tuple[Gpu, ...]:
    """Parse nvidia-smi's table; lines that cannot be read are no cards."""
    rows = ([cell.strip() for cell in line.split(",")] for line in said.splitlines())
    named = (dict(zip(fields, row, strict=True)) for row in rows if len(row) == len(fields))
    return tuple(_card(row) for row in named if mb_of(row["memory.total"]) is not None)


def torch_cuda() -> str | None:
    """Return the CUDA that the installed torch is built with: "" for none, None without a torch. It is not imported."""
    spec = find_spec("torch")
    version = Path(spec.origin).with_name("version.py") if spec and spec.origin else None
    if version is None or not version.is_file():
        return None
    found = _TORCH_CUDA.search(version.read_text(encoding="utf-8"))
    return next((group for group in found.groups() if group), "") if found else None


def _clients() -> Iterator[str]:
    yield "nvidia-smi"
    yield from (str(place) for place in _PLACES if place.exists())


def _card(row: dict[str, str]) -> Gpu:
    capability = row.get("compute_cap", "")
    return Gpu(
        row["name"],
        mb_of(row["memory.total"]) or 0.0,
        row["driver_version"],
        free_mb=mb_of(row.get("memory.free", "")),
        used_mb=mb_of(row.get("memory.used", "")),
        capability=capability if re.fullmatch(r"\d+\.\d+", capability) else "",
        wddm=row.get("driver_model.current", "").upper() in ("WDDM", "MCDM"),
        index=int(row["index"]) if row["index"].isdigit() else 0,
    )


def _with_holders(found: tuple[Gpu, ...], table: str) -> tuple[Gpu, ...]:
    """Add the newest CUDA and all processes on a card, which only the plain table names."""
    cuda = _CUDA.search(table)
    rows = [row.groups() for row in _HOLDER.finditer(table)]
    holders = [(int(card), Holder(int(pid), name, int(mib) * _MIB if mib else None)) for card, pid, name, mib in rows]
    return tuple(
        replace(
            gpu,
            cuda=cuda[1] if cuda else "",
            holders=tuple(holder for card, holder in holders if card == gpu.index),
        )
        for gpu in found
    )


def _on_bus(bus: Path) -> int:
    """Find NVIDIA's display and 3D controllers among the PCI devices."""
    if sys.platform == "win32" or not bus.is_dir():
        return 0
    told = ((_read(device / "vendor"), _read(device / "class")) for device in bus.iterdir())
    return sum(vendor == "0x10de" and kind.startswith("0x03") for vendor, kind in told)


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def mb_of(cell: str) -> float | None:
    """Convert MiB to MB; None for `[N/A]`, `[Not Supported]` and the like."""
    return float(cell) * _MIB if cell.isdigit() else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])
