"""How a tale was made, and its terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath

from pipeline.settings import Settings
from pipeline.shelf.budget import peak_resident_mb
from pipeline.shelf.manifest import Manifest
from pipeline.shelf.weights import SOUNDFONT
from pipeline.words.tale import MadeBy, Publishable, Rights, Tale

FREE = frozenset({"Apache-2.0", "MIT", "BSD-3-Clause", "CC0-1.0", "CC-BY-4.0", "CC-BY-3.0", "public domain"})
"""Licences of voices under which a tale may be published, with the credit."""
_STRICTNESS = (Publishable.YES, Publishable.WITH_TERMS, Publishable.NO)


@dataclass(frozen=True)
class _Work:
    licence: str
    publishable: Publishable
    credit: str


def rights_of(
    models: Mapping[str, str], manifest: Manifest, settings: Settings, voices: Mapping[str, str] | None = None
) -> Rights:
    """Return a tale's rights from what was really used: role to model id, and voice to its own licence, if any.

    The strictest licence decides, and is named.
    """
    works = [*_model_works(models.values(), manifest, settings), *_voice_works(voices or {})]
    strictest = max((work.publishable for work in works), key=_STRICTNESS.index, default=Publishable.YES)
    deciding = dict.fromkeys(work.licence for work in works if work.publishable is strictest)
    return Rights(strictest, ", ".join(deciding), tuple(dict.fromkeys(work.credit for work in works)))


def _model_works(models: Iterable[str], manifest: Manifest, settings: Settings) -> Iterable[_Work]:
    for model in dict.fromkeys(models):
        if model not in manifest.models:
            yield _Work("unknown", Publishable.WITH_TERMS, f"Model: {model}")
            continue
        for entry in manifest.with_assets(manifest[model]):
            if SOUNDFONT in entry.all_members and settings.soundfont:
                name = PurePath(settings.soundfont).name
                yield _Work(
                    "the SoundFont's own", Publishable.WITH_TERMS, f"Instruments: {name}, the operator's own SoundFont"
                )
            else:
                yield _Work(entry.licence, entry.publishable, entry.credit)


def _voice_works(voices: Mapping[str, str]) -> Iterable[_Work]:
    for voice, licence in voices.items():
        if licence:
            yield _Work(licence, _of_licence(licence), f"Voice: {voice} ({licence})")


def _of_licence(licence: str) -> Publishable:
    if licence in FREE:
        return Publishable.YES
    return Publishable.NO if "-NC" in licence or "non-commercial" in licence.lower() else Publishable.WITH_TERMS


def signed(tale: Tale, profile: str, models: Mapping[str, str], seconds: Mapping[str, float], rights: Rights) -> Tale:
    """Return the tale with the models that made it, which only the root that lent them knows, and its source."""
    if tale.prompt.source is not None:
        rights = replace(rights, credits=(*rights.credits, f"Source: {tale.prompt.source.origin}"))
    made_by = MadeBy(profile, dict(models), dict(seconds), peak_resident_mb())
    return replace(tale, made_by=made_by, rights=rights)
