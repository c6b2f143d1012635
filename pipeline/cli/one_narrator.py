"""A narrator without the rest of the profile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from pipeline.errors import Missing, TaleError
from pipeline.places import Places
from pipeline.roles import Narrator
from pipeline.settings import Settings, read_settings
from pipeline.shelf.doors import door_of
from pipeline.shelf.hardware import look
from pipeline.shelf.manifest import Manifest, ModelEntry, read_manifest
from pipeline.shelf.offers import speaks
from pipeline.shelf.profiles import choose, line_up, read_profiles
from pipeline.shelf.threads import calm_environment, model_threads
from pipeline.shelf.weights import ensure, weights_of


class Opened(Narrator, Protocol):
    """A backend that is ours until we close it."""

    def close(self) -> None: ...


def narrators(settings: Settings, places: Places, manifest: Manifest) -> list[ModelEntry]:
    """Those of the profile that can serve here, first choice first."""
    profile = choose(look(places.weights), settings, read_profiles()).profile
    return line_up(profile, manifest, settings).get("Narrator", [])


@contextmanager
def narrator_for(language: str, model: str | None = None, *, offline: bool = False) -> Iterator[tuple[str, Opened]]:
    """(its id, the narrator) for this language, its weights pulled if they lack; Missing `language_unspoken`."""
    os.environ.update(calm_environment(os.environ))
    settings, places, manifest = read_settings(), Places.here(), read_manifest()
    wished = [manifest[model]] if model else narrators(settings, places, manifest)
    threads = model_threads(live=False)
    failed: TaleError = Missing("language_unspoken", language=language)
    for entry in (one for one in wished if speaks(one, language)):
        try:
            if not offline:
                ensure((entry,), places, settings)
            opened: Opened = door_of(entry.backend).open_backend(weights_of(entry, places, settings), threads)
        except TaleError as error:
            failed = error
            continue
        try:
            yield entry.id, opened
        finally:
            opened.close()
        return
    raise failed
