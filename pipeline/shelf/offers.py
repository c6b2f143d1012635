"""Models of a profile as the shelf's offers."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from pipeline.places import Places
from pipeline.settings import Settings
from pipeline.shelf.doors import door_of
from pipeline.shelf.manifest import Manifest, ModelEntry
from pipeline.shelf.profiles import Profile, hindrance, line_up, tells_resident
from pipeline.shelf.shelf import Offer
from pipeline.shelf.weights import weights_of

CPU, CUDA = "cpu", "cuda:0"
_STAYS = "Writer"
"""Whose work the others wait for."""


class Offers:
    """Who can serve a role here, first choice first."""

    def __init__(self, profile: Profile, manifest: Manifest, places: Places, settings: Settings, threads: int) -> None:
        self._lines = line_up(profile, manifest, settings)
        self._manifest = manifest
        self._places = places
        self._settings = settings
        self._threads = threads
        self._hears_back = profile.hears_back
        self._has_gpu = _sees_cuda()
        self._swaps = not tells_resident(profile, manifest, settings)

    def __call__(self, role: type[Any], needs: Mapping[str, str]) -> Sequence[Offer]:
        """Those that know the wished `language`; a named `model` alone; from the `stand_in`-th on.

        `beside` a writer that fills the card, those that need no card come first: nobody who listens waits for a swap.
        Where one `reads` wishes, only those big enough for it; with `spare` time, nobody where the machine has none.
        """
        line = self._lines.get(role.__name__, [])
        if "model" in needs:
            wished = self._manifest[needs["model"]]
            line = [] if hindrance(wished, self._settings) else [wished]
        if "beside" in needs and self._swaps and role.__name__ != _STAYS:
            line = sorted(line, key=lambda entry: entry.device == "gpu")
        if "spare" in needs and not self._hears_back:
            line = []
        if "reads" in needs:
            line = [entry for entry in line if entry.reads_wishes]
        speaking = [entry for entry in line if speaks(entry, needs.get("language", ""))]
        return [self._offer(entry) for entry in speaking[int(needs.get("stand_in", "0")) :]]

    def _offer(self, entry: ModelEntry) -> Offer:
        device = CUDA if entry.device == "gpu" and self._has_gpu else CPU
        return Offer(entry.id, device, entry.memory_mb, partial(self._open, entry))

    def _open(self, entry: ModelEntry) -> Any:
        weights = weights_of(entry, self._places, self._settings, self._manifest)
        open_backend: Callable[[Mapping[str, Any], int], Any] = door_of(entry.backend).open_backend
        return open_backend(weights, self._threads)


def speaks(entry: ModelEntry, language: str) -> bool:
    """Whether it knows the language, or language does not matter to it."""
    return not language or not entry.languages or language in entry.languages


def _sees_cuda() -> bool:
    if importlib.util.find_spec("torch") is None:
        return False
    sees: bool = importlib.import_module("torch").cuda.is_available()
    return sees
