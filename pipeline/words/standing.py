"""What an executor says of itself."""

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
    """Somebody borrows it now."""


@dataclass(frozen=True)
class DeviceUse:
    """Memory of one device: a card's own, or this process's."""

    device: str
    used_mb: float
    most_mb: float
    """What the models may take together."""


@dataclass(frozen=True)
class AtWork:
    """At one moment."""

    at: float
    """Seconds since the epoch."""
    loaded: tuple[Loaded, ...] = ()
    devices: tuple[DeviceUse, ...] = ()
    left: tuple[str, ...] = ()
    """Devices left to somebody else's work for now."""


@dataclass(frozen=True)
class InUse:
    """One model at work."""

    role: str
    """As pipeline/roles.py names it: `Writer`."""
    model: str
    """Its id in data/models.toml."""
    licence: str
    credit: str = ""


@dataclass(frozen=True)
class ExecutorInfo:
    """Who serves here, and how far their weights have come."""

    profile: str
    models: tuple[InUse, ...] = ()
    languages: dict[str, dict[str, bool]] = field(default_factory=dict)
    """Language to ability (`written`, `spoken`, `heard`, `felt`) to whether it is there."""
    wanted_bytes: int = 0
    """What was still to be fetched when it began; 0 where all was here."""
    come_bytes: int = 0

    @property
    def share(self) -> float:
        """0..1: how much of what was wanted has come."""
        return min(1.0, self.come_bytes / self.wanted_bytes) if self.wanted_bytes else 1.0

    @property
    def all_here(self) -> bool:
        """Whether nothing is still on its way."""
        return self.share >= 1.0
