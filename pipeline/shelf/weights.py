"""Weights asked for, and had."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pipeline.errors import Damaged, Missing, Unwell
from pipeline.places import Places
from pipeline.settings import Settings
from pipeline.shelf.errand import RunLimits
from pipeline.shelf.manifest import Manifest, Member, ModelEntry, read_manifest
from pipeline.shelf.parts import Want
from pipeline.shelf.receipts import file_of, hashes, sha256_of, whole
from pipeline.words.tale import Publishable

SOUNDFONT = "soundfont"
"""The member an operator may replace by one setting."""
MEND = "python3 echotales.py models pull {model}"
_SPARE_BYTES = 200_000_000


def _quiet(_model: str, _size: int) -> None:
    """Tell nobody."""


class State(StrEnum):
    """State of a member on disk."""

    WHOLE = "whole"
    ABSENT = "absent"
    TRUNCATED = "truncated"
    CHANGED = "changed"


@dataclass(frozen=True)
class WeightStatus:
    """One member and its state."""

    model: str
    member: str
    path: Path
    state: State
    bytes: int


@dataclass(frozen=True)
class Bill:
    """What a pull would bring, before it is begun."""

    models: tuple[tuple[str, int], ...]
    """(id, bytes over the wire) of each that lacks something; roughly where only the hub knows, 0 where nobody does."""
    disk_bytes: int
    """What will lie on the disk afterwards."""
    peak_bytes: int
    """What is needed on the way: parts and the joined file side by side."""
    free_bytes: int
    folder: Path

    @property
    def fetch_bytes(self) -> int:
        return sum(size for _, size in self.models)


def weights_of(
    entry: ModelEntry, places: Places, settings: Settings, manifest: Manifest | None = None
) -> dict[str, Path]:
    """Member to file, assets included; sizes are looked at, bytes are not: that is `models verify`.

    Raises Missing `weights_missing` or Damaged `weights_damaged`, each with the mending command, and as `may` does.
    """
    may(entry, settings)
    found: dict[str, Path] = {}
    own = Path(settings.soundfont).expanduser() if settings.soundfont else None
    for one in (manifest or read_manifest()).with_assets(entry) if entry.assets else (entry,):
        for name, member in one.all_members.items():
            if name == SOUNDFONT and own:
                found[name] = _own(own)
                continue
            found[name] = path = file_of(one, name, member, places.weights)
            if not whole(one, name, member, places.weights):
                raise _absent(one, name, path)
    return found


def lacking(entries: Iterable[ModelEntry], places: Places, manifest: Manifest | None = None) -> list[Want]:
    """Return the members that are missing or incomplete, assets included, each once."""
    folder, wants = places.weights, dict[Path, Want]()
    for entry in _with_assets(entries, manifest):
        for name, member in entry.all_members.items():
            if not whole(entry, name, member, folder):
                wants[folder / entry.id / name] = Want(entry, name, member, folder)
    return list(wants.values())


def bill(wants: Sequence[Want], places: Places) -> Bill:
    """Return what a pull would download, its size, its folder and the disk that stays free."""
    by_model: dict[str, int] = {}
    for want in wants:
        source = next((one for one in want.member.sources if one.kind != "installed"), want.member.sources[0])
        size = source.fetch_bytes or want.member.bytes
        by_model[want.entry.id] = by_model.get(want.entry.id, 0) + size
    disk = sum(want.member.bytes for want in wants)
    for entry in {want.entry.id: want.entry for want in wants if not want.member.bytes}.values():
        left = _left_at_hub(entry, places.weights)
        by_model[entry.id] += left
        disk += left
    return Bill(tuple(by_model.items()), disk, 2 * disk, _free_bytes(places.weights), places.weights)


def _left_at_hub(entry: ModelEntry, folder: Path) -> int:
    """Estimate what is still to come of files whose size only the hub knows."""
    here = (file_of(entry, name, one, folder) for name, one in entry.all_members.items() if not one.bytes)
    return max(0, round(entry.hub_mb * 1e6) - sum(path.stat().st_size for path in here if path.is_file()))


def ensure(
    entries: Iterable[ModelEntry],
    places: Places,
    settings: Settings,
    progress: Callable[[str, int], None] = _quiet,
    watch: RunLimits | None = None,
    manifest: Manifest | None = None,
) -> None:
    """Pull what is missing; opens no connection where nothing is, or offline (raises Missing `offline`)."""
    wants = lacking(entries, places, manifest)
    if not wants:
        return
    models = ", ".join(dict.fromkeys(want.entry.id for want in wants))
    if settings.offline:
        raise Missing("offline", model=models, folder=str(places.weights))
    for want in wants:
        may(want.entry, settings)
    sum_up = bill(wants, places)
    if sum_up.peak_bytes + _SPARE_BYTES > sum_up.free_bytes:
        raise Unwell("disk_short", folder=str(places.weights), **_gigabytes(sum_up))
    from pipeline.shelf.pull import pull  # its lock and its threads are for those who lack something

    pull(wants, places.weights, progress, watch or RunLimits())


def standing(entry: ModelEntry, places: Places, *, read: bool = False) -> list[WeightStatus]:
    """Return each member's state: by its size, or by every byte of it."""
    return [_stands(entry, name, member, places.weights, read=read) for name, member in entry.all_members.items()]


def sweep_changed(
    entries: Iterable[ModelEntry], places: Places, manifest: Manifest | None = None
) -> list[WeightStatus]:
    """Read every byte and remove what is not what it was, so that the next `ensure` brings it anew."""
    looked = [one for entry in _with_assets(entries, manifest) for one in standing(entry, places, read=True)]
    changed = [one for one in looked if one.state is State.CHANGED and one.path.is_relative_to(places.weights)]
    for one in changed:
        one.path.unlink()
    return changed


def accepted(settings: Settings) -> frozenset[str]:
    """Return the ids of models whose terms the operator accepted."""
    return frozenset(part.strip() for part in settings.accept.split(",") if part.strip())


def may(entry: ModelEntry, settings: Settings) -> None:
    """Raise Missing `licence_noncommercial` or `licence_unaccepted` where the operator must accept its terms first."""
    if not entry.accept or entry.id in accepted(settings):
        return
    told = {"licence": entry.licence, "terms": entry.terms, "command": MEND.format(model=entry.id)}
    if entry.publishable is Publishable.NO:
        raise Missing("licence_noncommercial", model=entry.id, **told)
    raise Missing("licence_unaccepted", model=entry.id, **told)


def _stands(entry: ModelEntry, name: str, member: Member, folder: Path, *, read: bool) -> WeightStatus:
    path = file_of(entry, name, member, folder)
    if not path.is_file():
        return WeightStatus(entry.id, name, path, State.ABSENT, 0)
    state = State.WHOLE if whole(entry, name, member, folder) else State.TRUNCATED
    if read and state is State.WHOLE:
        known = hashes(entry, name, member, folder)
        state = State.WHOLE if not known or sha256_of(path) in known else State.CHANGED
    return WeightStatus(entry.id, name, path, state, path.stat().st_size)


def _absent(entry: ModelEntry, name: str, path: Path) -> Missing | Damaged:
    fields = {"model": entry.id, "member": name, "file": str(path), "command": MEND.format(model=entry.id)}
    return Damaged("weights_damaged", **fields) if path.is_file() else Missing("weights_missing", **fields)


def _own(path: Path) -> Path:
    if not path.is_file():
        raise Missing("soundfont_missing", file=str(path))
    return path


def _with_assets(entries: Iterable[ModelEntry], manifest: Manifest | None) -> list[ModelEntry]:
    given = list(entries)
    if not any(entry.assets for entry in given):
        return given
    known = manifest or read_manifest()
    return [one for entry in given for one in known.with_assets(entry)]


def _free_bytes(folder: Path) -> int:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _gigabytes(sum_up: Bill) -> dict[str, float]:
    return {"needs_gb": round(sum_up.peak_bytes / 1e9, 2), "free_gb": round(sum_up.free_bytes / 1e9, 2)}
