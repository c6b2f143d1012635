"""A writer here, and one on a hub."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from pipeline.places import Places
from pipeline.roles import Needs, Writer
from pipeline.settings import Settings
from pipeline.shelf.errand import RunLimits
from pipeline.shelf.manifest import Manifest, Member, ModelEntry, Source, read_manifest
from pipeline.shelf.offers import Offers
from pipeline.shelf.profiles import Profile, read_profiles
from pipeline.words.prompt import Order

QUICK = RunLimits(look_s=0.02)
HOUSE = read_manifest()
EMBEDDED = read_profiles()["embedded"]
GGUF = "writer.gguf"
Weights = Callable[[str], Mapping[str, Path]]


def small(path: Path, **told: Any) -> ModelEntry:
    """The writer in use: what lies on this machine."""
    member = Member((Source(path=str(path)),), bytes=path.stat().st_size)
    return replace(HOUSE["smollm2-135m"], members={"model.gguf": member}, id="small", **told)


def better(data_bytes: int = 0, sha256: str = "", repo: str = "somebody/better") -> ModelEntry:
    """The one that is wanted: on a hub alone, its size and hash told or left to the hub."""
    member = Member((Source(hub=f"{repo}@main", member=GGUF),), data_bytes, sha256)
    entry = replace(HOUSE["smollm2-135m"], members={"model.gguf": member}, id="better", reins="loose", drafts=3)
    return replace(entry, hub_mb=1.0, memory_mb=300)


PROFILE = Profile(1200, 1, Order.FLOW, {"Writer": ("small",)}, name="test")


def offers(house: Manifest, places: Places) -> Offers:
    return Offers(PROFILE, house, places, Settings(), threads=2)


def writers(lent: Offers, **needs: Any) -> list[str]:
    return [one.model for one in lent(Writer, cast(Needs, needs))]
