"""Measured memory of one device."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

MB = 1_000_000


def _endless() -> float:
    return float("inf")


def _nothing() -> None:
    """Do nothing: main memory is not reserved in advance."""


@dataclass
class Budget:
    """Memory that the models of one device may take together."""

    most_mb: float
    """The profile's limit."""
    used_mb: Callable[[], float]
    """Asks the device what this process holds now."""
    known_mb: dict[str, float] = field(default_factory=dict)
    """What each model took when it was last loaded; the manifest's figure is only the first estimate."""
    room_mb: Callable[[], float] = _endless
    """What is free on the device now, plus what this process holds: others use a desktop's card too."""
    hold: Callable[[], None] = _nothing
    """Makes the device refuse more than that, before it spills or takes from others."""
    give_back: Callable[[], object] = gc.collect
    """Returns what an evicted model left behind."""

    @property
    def limit_mb(self) -> float:
        """The smaller of what the profile allows and what is free."""
        return min(self.most_mb, self.room_mb())

    def guess_mb(self, model: str, manifest_mb: float) -> float:
        """Estimate what loading a model will take."""
        return self.known_mb.get(model, manifest_mb)

    def measured(self, model: str, before_mb: float) -> float:
        """Note what a model took, now that it is loaded."""
        self.known_mb[model] = max(0.0, self.used_mb() - before_mb)
        return self.known_mb[model]


def resident_mb() -> float:
    """Return this process's resident memory; elsewhere than on Linux, its peak."""
    status = Path("/proc/self/statm")
    if status.exists():
        import os

        return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MB
    return peak_resident_mb()


def peak_resident_mb() -> float:
    """Return the most memory that this process ever held."""
    if sys.platform == "win32":
        return _windows_peak_mb()
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / MB if sys.platform == "darwin" else peak * 1024 / MB  # bytes on macOS, KiB on Linux


def _windows_peak_mb() -> float:
    import ctypes

    class Counters(ctypes.Structure):
        _fields_ = [("cb", ctypes.c_ulong), ("faults", ctypes.c_ulong)] + [
            (name, ctypes.c_size_t) for name in ("peak", "working", "qpp", "qp", "qnpp", "qn", "page", "peak_page")
        ]

    counters = Counters()
    counters.cb = ctypes.sizeof(counters)
    windll = getattr(ctypes, "windll")  # noqa: B009 - the attribute exists on Windows alone
    windll.psapi.GetProcessMemoryInfo(windll.kernel32.GetCurrentProcess(), ctypes.byref(counters), counters.cb)
    return float(counters.peak) / MB
