"""Models of a profile as the shelf's offers."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Container, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from pipeline.errors import TaleError
from pipeline.places import Places
from pipeline.roles import Needs
from pipeline.settings import Settings
from pipeline.shelf.better_writer import WRITER, taken_up
from pipeline.shelf.doors import door_of
from pipeline.shelf.ladder import LEAN
from pipeline.shelf.manifest import Manifest, ModelEntry
from pipeline.shelf.profiles import Profile, hindrance, line_up, tells_resident
from pipeline.shelf.shelf import Offer
from pipeline.shelf.weights import lacking, weights_of

CPU, CUDA = "cpu", "cuda:0"
_STAYS = WRITER
"""The role that keeps the card: all others wait for its work."""


def _no_room(_writer: ModelEntry | None) -> None:
    """Leave the budget as it is."""


class Offers:
    """Finds the models that can serve a role here, the first choice first."""

    def __init__(
        self,
        profile: Profile,
        manifest: Manifest,
        places: Places,
        settings: Settings,
        threads: int,
        has_card: Callable[[], bool] | None = None,
        at_hand: Callable[[], Container[str]] = tuple,
        room_for: Callable[[ModelEntry | None], None] = _no_room,
    ) -> None:
        """`has_card` says whether there is a card now: a polite machine leaves it to a game.

        `at_hand` are the models that are loaded; `room_for` a writer beyond the profile makes the budget wide enough.
        """
        self._lines = line_up(profile, manifest, settings)
        self._taken_up: ModelEntry | None = None
        """The writer that the operator took up, for the tale under way."""
        self._manifest = manifest
        self._places = places
        self._settings = settings
        self._threads = threads
        self._hears_back = profile.hears_back
        self._careful_models = profile.careful
        self._has_card = has_card or cache(sees_cuda)
        self._at_hand, self._room_for = at_hand, room_for
        self._swaps = not tells_resident(profile, manifest, settings)

    def __call__(self, role: type[Any], needs: Needs) -> Sequence[Offer]:
        """Return offers that know the `language`; a named `model` alone; from the `stand_in`-th on.

        `beside` a writer that fills the card, models without a card come first: no listener waits for a swap.
        With `careful` the profile's careful models come before all others.
        For `reads` only models big enough to read wishes; for `spare` none where the machine has no time to spare.
        For `reins`, by which a tale begins, the first choice alone, if they are its own; a wanted writer takes over.
        On a higher `rung`, after an out-of-memory, leaner and then without the card.
        """
        line = self._lines.get(role.__name__, [])
        if role.__name__ == WRITER:
            line = self._with_wanted(line, begins="reins" in needs)
        if "model" in needs:
            wished = self._manifest[needs["model"]]
            line = [] if hindrance(wished, self._settings) else [wished]
            if role.__name__ == WRITER:
                self._room_for(wished)
        if "careful" in needs:
            line = [*self._careful(role), *line]
        if "beside" in needs and self._swaps and role.__name__ != _STAYS:
            line = sorted(line, key=_on_card)
        if "spare" in needs and not self._hears_back:
            line = []
        if "reads" in needs:
            line = [entry for entry in line if entry.reads_wishes]
        has_card = any(map(_on_card, line)) and self._has_card()
        if not has_card:
            line = [entry for entry in line if not _on_card(entry)] or line
        speaking = [entry for entry in line if speaks(entry, needs.get("language", ""))]
        rung = needs.get("rung", 0)
        serving = _on_rung(speaking[needs.get("stand_in", 0) :], rung)
        if "reins" in needs:
            serving = [entry for entry in serving[:1] if self._reins(entry) == needs["reins"]]
        return [self._offer(entry, CUDA if has_card and _on_card(entry) else CPU, lean=bool(rung)) for entry in serving]

    def _careful(self, role: type[Any]) -> list[ModelEntry]:
        """Return those that serve first where nobody waits live, once their weights were pulled."""
        chosen = [self._manifest[model] for model in self._careful_models]
        mine = [one for one in chosen if role.__name__ in one.roles and not hindrance(one, self._settings)]
        return [one for one in mine if not lacking([one], self._places, self._manifest)]

    def next_files(self, role: str, needs: Needs) -> tuple[str, list[Path]]:
        """Return the model that serves this role on the card, with its files; ("", []) where none does."""
        line = [entry for entry in self._lines.get(role, []) if speaks(entry, needs.get("language", ""))]
        if not line or not _on_card(line[0]) or not self._swaps or not self._has_card():
            return "", []
        try:
            files = weights_of(line[0], self._places, self._settings, self._manifest).values()
        except TaleError:
            return "", []  # whoever borrows it gets the error
        return line[0].id, [file for path in files for file in ([path] if path.is_file() else sorted(path.rglob("*")))]

    def _with_wanted(self, line: list[ModelEntry], *, begins: bool) -> list[ModelEntry]:
        """Between two tales alone, never inside one: its words are one writer's."""
        if begins:
            self._taken_up = taken_up(self._manifest, self._settings, self._places, at_hand=self._at_hand())
            self._room_for(self._taken_up)
        first = self._taken_up
        return [first, *(entry for entry in line if entry is not first)] if first else line

    def _reins(self, entry: ModelEntry) -> str:
        return self._settings.reins or entry.reins

    def _offer(self, entry: ModelEntry, device: str, *, lean: bool) -> Offer:
        return Offer(entry.id, device, entry.memory_mb, partial(self._open, entry), entry.work_mb, lean)

    def _open(self, entry: ModelEntry) -> Any:
        weights = weights_of(entry, self._places, self._settings, self._manifest)
        open_backend: Callable[..., Any] = door_of(entry.backend).open_backend
        if entry.drafts > 1 and self._reins(entry) != "tight":
            return open_backend(weights, self._threads, drafts=entry.drafts)
        return open_backend(weights, self._threads)


def _on_card(entry: ModelEntry) -> bool:
    return entry.device == "gpu"


def _on_rung(line: list[ModelEntry], rung: int) -> list[ModelEntry]:
    """Return the same models leaner, where a card was too full; else those that need less, at least the last."""
    if not rung or (rung == LEAN and any(_on_card(entry) for entry in line)):
        return line
    cardless = [entry for entry in line if not _on_card(entry)]
    if len(cardless) < len(line):
        return cardless or line
    return line[min(rung, len(line) - 1) :]


def speaks(entry: ModelEntry, language: str) -> bool:
    """Whether it knows the language, or language does not matter to it."""
    return not language or not entry.languages or language in entry.languages


def sees_cuda() -> bool:
    """Whether torch is here and finds a card."""
    if importlib.util.find_spec("torch") is None:
        return False
    sees: bool = importlib.import_module("torch").cuda.is_available()
    return sees
