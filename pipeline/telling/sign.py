"""With what a tale was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeline.shelf.budget import peak_resident_mb
from pipeline.words.tale import MadeBy, Rights, Tale


def signed(tale: Tale, profile: str, models: Mapping[str, str], seconds: Mapping[str, float], rights: Rights) -> Tale:
    """The tale with its makers' names: only the root that lent the models knows them."""
    made_by = MadeBy(profile, dict(models), dict(seconds), peak_resident_mb())
    return replace(tale, made_by=made_by, rights=rights)
