"""A writer tried on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from pipeline.cancelled import Cancelled
from pipeline.errors import TooBig
from pipeline.places import Places
from pipeline.roles import Ask, Kind, Turn, Writer
from pipeline.settings import Settings
from pipeline.shelf.better_writer import note_tried
from pipeline.shelf.doors import door_of
from pipeline.shelf.hardware import ram_free_mb
from pipeline.shelf.manifest import Manifest, ModelEntry
from pipeline.shelf.threads import model_threads
from pipeline.shelf.weights import weights_of

TRIAL_S = 10.0
_TRIAL = Turn("You tell stories aloud.", "Tell a long story about a lighthouse and a storm.", "")


def try_writer(
    manifest: Manifest,
    settings: Settings,
    places: Places,
    entry: ModelEntry,
    free_mb: Callable[[], float] = ram_free_mb,
) -> None:
    """Open it in this process, which is nobody else's, and let it write for ten seconds; raises what is wrong with it.

    A file that llama.cpp does not know leaves its process unable to close others: a teller must never meet one first.
    """
    if free_mb() < entry.memory_mb:
        raise TooBig("memory_short", model=entry.id, needs_mb=round(entry.memory_mb))
    open_backend: Callable[..., Any] = door_of(entry.backend).open_backend
    writer = open_backend(weights_of(entry, places, settings, manifest), model_threads(live=False))
    note_tried(places, entry.id, pace_of(writer, Cancelled()))
    writer.close()


def pace_of(writer: Writer, check: Cancelled, seconds: float = TRIAL_S) -> float:
    """Tokens a second; raises TaleCancelled."""
    told, began_s = 0, time.monotonic()
    while time.monotonic() - began_s < seconds:
        told += sum(1 for piece in writer.complete(_TRIAL, Ask(Kind.FREE, 1, max_tokens=16), check) if piece)
    return told / max(0.1, time.monotonic() - began_s)
