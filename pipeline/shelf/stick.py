"""Weights carried on a stick."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.errors import Damaged, Missing, Unwell
from pipeline.places import Places
from pipeline.shelf.manifest import Member, ModelEntry
from pipeline.shelf.receipts import Hashing, file_of, hashes, note_receipt, read_receipt, whole

Check = Callable[[], None]


def export_to(entries: Sequence[ModelEntry], places: Places, stick: Path, check: Check = lambda: None) -> list[Path]:
    """Copy what is here, whole and hashed, to `<stick>/<id>/<member>`; what is installed anyway stays."""
    members = [
        (entry, name, member, file_of(entry, name, member, places.weights)) for entry, name, member in _each(entries)
    ]
    return [
        _carry(entry, name, member, path, stick, places.weights, check)
        for entry, name, member, path in members
        if path.is_relative_to(places.weights) and whole(entry, name, member, places.weights)
    ]


def import_from(entries: Sequence[ModelEntry], places: Places, stick: Path, check: Check = lambda: None) -> list[Path]:
    """Copy what the stick holds, verified on the way; Missing `stick_incomplete` when it holds none of them."""
    came = [
        _carry(entry, name, member, stick / entry.id / name, places.weights, stick, check)
        for entry, name, member in _each(entries)
        if (stick / entry.id / name).is_file() and not whole(entry, name, member, places.weights)
    ]
    here = [1 for entry, name, member in _each(entries) if whole(entry, name, member, places.weights)]
    if not came and not here:
        raise Missing("stick_incomplete", folder=str(stick), model=", ".join(entry.id for entry in entries))
    return came


def _each(entries: Sequence[ModelEntry]) -> list[tuple[ModelEntry, str, Member]]:
    return [(entry, name, member) for entry in entries for name, member in entry.all_members.items()]


def _carry(entry: ModelEntry, name: str, member: Member, source: Path, goal: Path, noted: Path, check: Check) -> Path:
    """Copy one file from `noted`'s side to `goal`'s; it appears whole and with the right hash, or not at all."""
    path = goal / entry.id / name
    half = path.with_name(path.name + ".half")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as inside, half.open("wb") as out:
            hashing = Hashing(out, check)
            hashing.take(inside)
    except OSError as error:
        half.unlink(missing_ok=True)
        full = shutil.disk_usage(goal).free < source.stat().st_size if goal.exists() else False
        raise Unwell("disk_full" if full else "disk_refused", folder=str(goal), why=str(error)) from error
    known = hashes(entry, name, member, noted)
    if known and hashing.sha256 not in known:
        half.unlink()
        command = f"python3 echotales.py models pull {entry.id}"
        raise Damaged("weights_damaged", model=entry.id, member=name, file=str(source), command=command)
    half.replace(path)
    origin = read_receipt(noted / entry.id).get(name, {}).get("origin", str(source))
    note_receipt(goal / entry.id, name, hashing.size, hashing.sha256, str(origin))
    return path
