"""What a verb needs on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from pipeline.log import set_up_logging
from pipeline.places import Places
from pipeline.settings import Settings, read_settings
from pipeline.shelf.budget import Budget, resident_mb
from pipeline.shelf.hardware import look
from pipeline.shelf.manifest import Manifest, read_manifest
from pipeline.shelf.offers import CPU, CUDA, Offers
from pipeline.shelf.profiles import Profile, choose, ensure_profile, read_profiles
from pipeline.shelf.shelf import Device, Shelf
from pipeline.shelf.threads import calm_environment, model_threads


@dataclass(frozen=True)
class Here:
    """One machine with its profile and its shelf."""

    places: Places
    settings: Settings
    manifest: Manifest
    profile: Profile
    shelf: Shelf


@contextmanager
def opened(profile: str | None = None, *, offline: bool = False, yes: bool = False, quiet: bool = False) -> Iterator[Here]:
    """Weights are pulled if they lack; every model is freed when the block ends."""
    settings = read_settings()
    settings = replace(settings, profile=profile or settings.profile, offline=offline or settings.offline)
    os.environ.update(calm_environment(os.environ))
    set_up_logging("ERROR" if quiet or settings.log_level == "INFO" else settings.log_level)
    places, manifest = Places.here(), read_manifest()
    chosen = choose(look(places.weights), settings, read_profiles()).profile
    ensure_profile(chosen, manifest, places, settings)
    shelf = shelf_of(chosen, manifest, places, settings, live=False)
    try:
        yield Here(places, settings, manifest, chosen, shelf)
    finally:
        shelf.close()


def shelf_of(profile: Profile, manifest: Manifest, places: Places, settings: Settings, *, live: bool) -> Shelf:
    """The profile's models under its budget; the card's memory is asked of torch, the machine's of the system."""
    offers = Offers(profile, manifest, places, settings, model_threads(live))
    devices = {CPU: Device(Budget(profile.memory_mb, resident_mb)), CUDA: Device(Budget(profile.memory_mb, _cuda_mb))}
    return Shelf(offers, devices)


def _cuda_mb() -> float:
    import torch

    return float(torch.cuda.memory_reserved()) / 1_000_000
