"""What an executor reports about itself."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Loaded:
    """A model that is warm."""

    model: str
    """Its id in data/models.toml."""
    device: str
    """`cpu`, `cuda:0`."""
    memory_mb: float
    """As it was measured when it was loaded."""
    pinned: bool = False
    """Whether a stage uses it now, so that it cannot be unloaded."""


@dataclass(frozen=True)
class DeviceUse:
    """Memory of one device: a card's own, or this process's."""

    device: str
    """`cpu`, `cuda:0`."""
    used_mb: float
    """What is taken now."""
    most_mb: float
    """What the models may take together."""


@dataclass(frozen=True)
class AtWork:
    """What an executor holds at one moment."""

    at: float
    """Seconds since the epoch."""
    loaded: tuple[Loaded, ...] = ()
    devices: tuple[DeviceUse, ...] = ()
    left: tuple[str, ...] = ()
    """Devices that no model is loaded on for now, because another program needs them."""


@dataclass(frozen=True)
class InUse:
    """A model the executor uses, with its terms."""

    role: str
    """As pipeline/roles.py names it: `Writer`."""
    model: str
    """Its id in data/models.toml."""
    licence: str
    credit: str = ""


@dataclass(frozen=True)
class BetterWriter:
    """A writer that this machine could carry, not fetched yet."""

    model: str
    """Its id in data/models.toml."""
    fetch_bytes: int
    licence: str
    tale_s: float
    """Seconds that a tale of the usual length would take here; 0 where the machine was not tried."""


@dataclass(frozen=True)
class ExecutorInfo:
    """Which models serve here, and how much of their weights is downloaded."""

    profile: str
    models: tuple[InUse, ...] = ()
    languages: dict[str, dict[str, bool]] = field(default_factory=dict)
    """Language to ability (`written`, `spoken`, `heard`, `felt`) to whether it is there."""
    wanted_bytes: int = 0
    """What was still to be downloaded when the executor started; 0 where nothing was missing."""
    come_bytes: int = 0
    """What of that has been downloaded since."""
    better: BetterWriter | None = None
    """What its operator may take up; None where nothing better fits, or no hub answers."""

    @property
    def share(self) -> float:
        """0..1: the downloaded share of what was missing."""
        return min(1.0, self.come_bytes / self.wanted_bytes) if self.wanted_bytes else 1.0

    @property
    def all_here(self) -> bool:
        """Whether every weight is downloaded."""
        return self.share >= 1.0
