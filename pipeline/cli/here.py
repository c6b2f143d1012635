"""What a verb needs on this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cache

from pipeline.cli.pulling import bring_profile, go_on_pulling
from pipeline.log import set_up_logging
from pipeline.places import Places
from pipeline.settings import Settings, read_settings, secrets_of
from pipeline.shelf.attic import Attic
from pipeline.shelf.better_writer import room_mb
from pipeline.shelf.budget import MB, Budget, resident_mb
from pipeline.shelf.card import GraphicsCard
from pipeline.shelf.hardware import look, ram_free_mb
from pipeline.shelf.manifest import Manifest, ModelEntry, read_manifest
from pipeline.shelf.neighbours import Neighbours, courteous
from pipeline.shelf.offers import CPU, CUDA, Offers, sees_cuda
from pipeline.shelf.prefetch import Prefetch
from pipeline.shelf.profiles import Profile, choose, read_profiles, tells_resident
from pipeline.shelf.shelf import Device, Shelf
from pipeline.shelf.threads import calm_environment, model_threads
from pipeline.shelf.turnstile import Turnstile
from pipeline.speaking.voices import blend_of, read_voices
from pipeline.telling.provenance import rights_of
from pipeline.words.standing import AtWork
from pipeline.words.tale import Rights, Tale


@dataclass(frozen=True)
class Here:
    """One machine with its profile and its shelf."""

    places: Places
    settings: Settings
    manifest: Manifest
    profile: Profile
    shelf: Shelf
    left: Callable[[], tuple[str, ...]]
    """Devices that no model is loaded on for now, because another program needs them."""
    free_mb: float
    """Memory of the machine that was free before any model was loaded here."""

    def at_work(self, at: float) -> AtWork:
        """What is loaded, and which devices are left to other programs."""
        return replace(self.shelf.at_work(at), left=self.left())

    def rights(self, tale: Tale) -> Rights:
        """What may be done with the tale, by the licences of the models and voices that made it."""
        licences = {voice.id: voice.licence for voice in read_voices()}
        spoken = [line for placed in tale.timeline.placed if placed.spoken for line in placed.spoken.lines]
        used = {voice: licences.get(voice, "") for line in spoken for voice, _ in blend_of(line.voice)}
        return rights_of(self.shelf.used, self.manifest, self.settings, used)


@contextmanager
def opened(
    profile: str | None = None, *, offline: bool = False, yes: bool = False, quiet: bool = False
) -> Iterator[Here]:
    """This machine, ready to make tales: missing weights are downloaded, and the block's end frees every model."""
    settings = read_settings()
    settings = replace(settings, profile=profile or settings.profile, offline=offline or settings.offline)
    os.environ.update(calm_environment(os.environ))
    level = "ERROR" if quiet or settings.log_level == "INFO" else settings.log_level
    set_up_logging(level, secrets=secrets_of(settings))
    places, manifest = Places.here(), read_manifest()
    hardware = look(places.weights)
    chosen = choose(hardware, settings, read_profiles()).profile
    bring_profile(chosen, manifest, places, settings, yes=yes, quiet=quiet)
    go_on_pulling(manifest, settings, places)
    room = LocalModels(chosen, manifest, places, settings)
    with room.shelf(live=False) as shelf:
        yield Here(places, settings, manifest, chosen, shelf, lambda: room.left, hardware.ram_free_mb)


class LocalModels:
    """The profile's models under its budget; a card's memory is asked of torch, the machine's of the system."""

    def __init__(self, profile: Profile, manifest: Manifest, places: Places, settings: Settings) -> None:
        self._profile, self._manifest, self._places, self._settings = profile, manifest, places, settings
        side_by_side = tells_resident(profile, manifest, settings)
        self._gates = {name: Turnstile(side_by_side=side_by_side) for name in (CPU, CUDA)}
        polite = settings.gpu_polite and profile.least_vram_mb > 0
        self._neighbours = Neighbours(self._gates[CUDA]) if polite else None

    @property
    def left(self) -> tuple[str, ...]:
        """Devices that no model is loaded on for now, because another program needs them."""
        return (CUDA,) if self._neighbours and self._neighbours.busy else ()

    @contextmanager
    def shelf(self, *, live: bool) -> Iterator[Shelf]:
        """A shelf of models, freed when the block ends, however it ends."""
        parts = (self._profile, self._manifest, self._places, self._settings)
        budgets = {
            CPU: Budget(self._profile.memory_mb, resident_mb),
            CUDA: GraphicsCard(self._profile.memory_mb).budget(),
        }

        def room_for(writer: ModelEntry | None) -> None:
            budgets[CPU].most_mb = room_mb(self._profile, self._manifest, self._settings, writer)

        offers = Offers(*parts, model_threads(live), self._has_card(), lambda: shelf.at_hand, room_for)
        devices = {name: Device(budgets[name], gate) for name, gate in self._gates.items()}
        prefetch = Prefetch(offers.next_files, lambda: ram_free_mb() * MB, lambda: shelf.at_hand)
        shelf = Shelf(offers, devices, Attic(ram_free_mb), prefetch)
        watched = courteous(self._neighbours, lambda: shelf.leave(CUDA)) if self._neighbours else nullcontext()
        try:
            with watched:
                yield shelf
        finally:
            prefetch.close()
            shelf.close()

    def _has_card(self) -> Callable[[], bool]:
        sees = cache(sees_cuda)
        return lambda: sees() and not self.left
