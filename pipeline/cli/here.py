"""What a verb needs on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from pipeline.cli.pulling import bring_profile
from pipeline.log import set_up_logging
from pipeline.places import Places
from pipeline.settings import Settings, read_settings, secrets_of
from pipeline.shelf.budget import Budget, resident_mb
from pipeline.shelf.hardware import look
from pipeline.shelf.manifest import Manifest, read_manifest
from pipeline.shelf.offers import CPU, CUDA, Offers
from pipeline.shelf.profiles import Profile, choose, read_profiles, tells_resident
from pipeline.shelf.shelf import Device, Shelf
from pipeline.shelf.threads import calm_environment, model_threads
from pipeline.shelf.turnstile import Turnstile
from pipeline.speaking.voices import blend_of, read_voices
from pipeline.telling.rights import rights_of
from pipeline.words.tale import Rights, Tale


@dataclass(frozen=True)
class Here:
    """One machine with its profile and its shelf."""

    places: Places
    settings: Settings
    manifest: Manifest
    profile: Profile
    shelf: Shelf

    def rights(self, tale: Tale) -> Rights:
        """From the licences of the models and voices that made it."""
        licences = {voice.id: voice.licence for voice in read_voices()}
        spoken = [line for placed in tale.timeline.placed if placed.spoken for line in placed.spoken.lines]
        used = {voice: licences.get(voice, "") for line in spoken for voice, _ in blend_of(line.voice)}
        return rights_of(self.shelf.used, self.manifest, self.settings, used)


@contextmanager
def opened(
    profile: str | None = None, *, offline: bool = False, yes: bool = False, quiet: bool = False
) -> Iterator[Here]:
    """Weights are pulled if they lack; every model is freed when the block ends."""
    settings = read_settings()
    settings = replace(settings, profile=profile or settings.profile, offline=offline or settings.offline)
    os.environ.update(calm_environment(os.environ))
    level = "ERROR" if quiet or settings.log_level == "INFO" else settings.log_level
    set_up_logging(level, secrets=secrets_of(settings))
    places, manifest = Places.here(), read_manifest()
    chosen = choose(look(places.weights), settings, read_profiles()).profile
    bring_profile(chosen, manifest, places, settings, yes=yes, quiet=quiet)
    shelf = shelf_of(chosen, manifest, places, settings, live=False)
    try:
        yield Here(places, settings, manifest, chosen, shelf)
    finally:
        shelf.close()


def shelf_of(profile: Profile, manifest: Manifest, places: Places, settings: Settings, *, live: bool) -> Shelf:
    """The profile's models under its budget; the card's memory is asked of torch, the machine's of the system."""
    offers = Offers(profile, manifest, places, settings, model_threads(live))
    gates = {name: Turnstile(side_by_side=tells_resident(profile, manifest, settings)) for name in (CPU, CUDA)}
    used_mb = {CPU: resident_mb, CUDA: _cuda_mb}
    devices = {name: Device(Budget(profile.memory_mb, used_mb[name]), gate) for name, gate in gates.items()}
    return Shelf(offers, devices)


def _cuda_mb() -> float:
    import torch

    return float(torch.cuda.memory_reserved()) / 1_000_000
