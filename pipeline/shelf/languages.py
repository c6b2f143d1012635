"""What can be done in which language."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.settings import Settings
from pipeline.shelf.manifest import Manifest, ModelEntry
from pipeline.shelf.profiles import Profile, line_up
from pipeline.tables import all_codes

ABILITIES = {"written": "Writer", "spoken": "Narrator", "heard": "Transcriber", "felt": "TextReader"}
"""What people ask for, and the role that does it."""

Table = dict[str, dict[str, bool]]


def languages_of(profile: Profile, manifest: Manifest, settings: Settings) -> Table:
    """Return, by language and ability, whether a model that can serve here knows the language; weights aside."""
    lines = line_up(profile, manifest, settings)
    known = {ability: _known(lines.get(role, ())) for ability, role in ABILITIES.items()}
    return {language: {ability: language in known[ability] for ability in ABILITIES} for language in all_codes()}


def _known(entries: Iterable[ModelEntry]) -> set[str]:
    return {language for entry in entries for language in entry.languages or all_codes()}
