"""What an executor holds in memory."""

from __future__ import annotations

from dataclasses import dataclass


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
