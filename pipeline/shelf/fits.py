"""Which models a card has room for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pipeline.settings import Settings
from pipeline.shelf.hardware import Hardware
from pipeline.shelf.manifest import Manifest, ModelEntry
from pipeline.shelf.nvidia import Gpu
from pipeline.shelf.profiles import Profile, together_mb
from pipeline.shelf.weights import accepted

FLOOR_MB = 450.0
"""What CUDA itself takes of a card by being used."""


class CardFit(StrEnum):
    """How a model fits on a card."""

    TOGETHER = "together"
    """Beside the first choices of all other roles: nothing is swapped."""
    ALONE = "alone"
    """While no other is loaded: one after the other."""
    NONE = "none"
    """Not now; its stand-in serves."""


@dataclass(frozen=True)
class Fit:
    """A model that lives on a card, and whether it would now."""

    model: str
    role: str
    needs_mb: float
    """Loaded and at work, CUDA's own share left out."""
    room: CardFit


def room_mb(gpu: Gpu, profile: Profile) -> float:
    """Return what models may take of a card now: what is free, as far as known, within the profile's limit."""
    free_mb = gpu.vram_mb if gpu.free_mb is None else gpu.free_mb
    return max(0.0, min(profile.memory_mb, free_mb - FLOOR_MB))


def card_profile(hardware: Hardware, profiles: Mapping[str, Profile]) -> Profile:
    """Return the largest card profile that the largest card carries, else the smallest card profile."""
    for_cards = sorted((one for one in profiles.values() if one.least_vram_mb), key=lambda one: one.least_vram_mb)
    return next((one for one in reversed(for_cards) if one.least_vram_mb <= hardware.vram_mb), for_cards[0])


def fits(gpu: Gpu, profile: Profile, manifest: Manifest, settings: Settings) -> list[Fit]:
    """Return how each model for cards fits here, the profile's roles first."""
    on_card = firsts_on_card(profile, manifest, settings)
    ranks = [model for models in profile.models.values() for model in models]
    living = [entry for entry in manifest if entry.device == "gpu"]
    living.sort(key=lambda entry: ranks.index(entry.id) if entry.id in ranks else len(ranks))
    return [_fit(entry, on_card, room_mb(gpu, profile)) for entry in living]


def firsts_on_card(profile: Profile, manifest: Manifest, settings: Settings) -> list[ModelEntry]:
    """Return the first choices that would run on the card, by role, once the GPU libraries are installed."""
    firsts = (_first(models, manifest, settings) for models in profile.models.values())
    return [entry for entry in firsts if entry]


def _first(models: tuple[str, ...], manifest: Manifest, settings: Settings) -> ModelEntry | None:
    """Return a role's first choice once the GPU libraries are installed, if it runs on the card."""
    allowed = (manifest[model] for model in models if not manifest[model].accept or model in accepted(settings))
    first = next(allowed, None)
    return first if first and first.device == "gpu" else None


def _fit(entry: ModelEntry, on_card: Sequence[ModelEntry], room: float) -> Fit:
    alone_mb = together_mb([entry])
    if together_mb([entry, *(one for one in on_card if one.role not in entry.roles)]) <= room:
        return Fit(entry.id, entry.role, alone_mb, CardFit.TOGETHER)
    return Fit(entry.id, entry.role, alone_mb, CardFit.ALONE if alone_mb <= room else CardFit.NONE)
