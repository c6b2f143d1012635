"""Which models a machine uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from pipeline.errors import Damaged, Missing, Refused, TaleError, Unreachable, Unwell
from pipeline.places import DATA, Places
from pipeline.settings import Settings
from pipeline.shelf.doors import has_door
from pipeline.shelf.errand import RunLimits
from pipeline.shelf.hardware import Hardware
from pipeline.shelf.manifest import Manifest, ModelEntry
from pipeline.shelf.weights import accepted, ensure
from pipeline.tables import read_table
from pipeline.words.prompt import Order

PROFILES = DATA / "profiles.toml"
TELLING = frozenset({"TextReader", "Writer", "Narrator", "Composer"})
"""The roles of a typed wish; ears are needed only where somebody spoke."""
GPU_STACK = ("torch", "transformers")
"""What must be installed before a card is of use."""


@dataclass(frozen=True)
class Profile:
    """What one kind of machine runs."""

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}

    memory_mb: float
    """What the models may hold together on their device."""
    tales_in_flight: int
    """How many tales an executor walks at a time."""
    order: Order
    """The default of a request."""
    models: Mapping[str, tuple[str, ...]]
    """Role to model ids, first choice first."""
    assets: tuple[str, ...] = ()
    """What is needed beside the roles."""
    extras: tuple[str, ...] = ()
    """What makes it better, and is done without where no source gives it."""
    careful: tuple[str, ...] = ()
    """Models that serve before all others where nobody waits live, once an operator pulled them."""
    hears_back: bool = False
    """Whether it is fast enough to hear every line again, and has room for the ears beside the narrator."""
    least_ram_mb: float = 0.0
    least_vram_mb: float = 0.0
    name: str = ""


@dataclass(frozen=True)
class ProfileChoice:
    """A profile, and why."""

    profile: Profile
    why: str
    """`wished`, `gpu_fits`, `ram_short`, `no_gpu`, `gpu_small`, `gpu_stack_missing`, or `Hardware.hindrance`."""


@dataclass(frozen=True)
class _Table:
    profiles: Mapping[str, Profile] = field(default_factory=dict)


def read_profiles(path: Path = PROFILES) -> dict[str, Profile]:
    """data/profiles.toml by name, checked."""
    return {name: replace(profile, name=name) for name, profile in read_table(path, _Table).profiles.items()}


def choose(hardware: Hardware, settings: Settings, profiles: Mapping[str, Profile]) -> ProfileChoice:
    """The setting's profile, else the largest this machine carries; Refused `profile_unknown`.

    A wished profile for cards goes where no card can serve: a driver that broke overnight ends no storyteller.
    """
    if settings.profile and settings.profile not in profiles:
        raise Refused("profile_unknown", profile=settings.profile, known=", ".join(profiles))
    wished = profiles.get(settings.profile)
    if wished and (hardware.usable_mb or not wished.least_vram_mb):
        return ProfileChoice(_budgeted(wished, settings), "wished")
    fitting = [profile for profile in profiles.values() if _carries(hardware, profile)]
    best = max(fitting, key=lambda profile: (profile.least_vram_mb, profile.least_ram_mb))
    return ProfileChoice(_budgeted(best, settings), _why(best, hardware, profiles))


def hindrance(entry: ModelEntry, settings: Settings) -> str:
    """Why this model cannot serve here: `package:NAME`, `licence` or `backend`; empty when it can, weights aside."""
    missing = next((package for package in entry.needs if find_spec(package) is None), "")
    if missing:
        return f"package:{missing}"
    if entry.accept and entry.id not in accepted(settings):
        return "licence"
    return "backend" if entry.backend and not has_door(entry.backend) else ""


def line_up(profile: Profile, manifest: Manifest, settings: Settings) -> dict[str, list[ModelEntry]]:
    """Role to the models that can serve it here, first choice first; the operator's writer before the profile's."""
    lines = {role: [manifest[model] for model in models] for role, models in profile.models.items()}
    if settings.writer:
        lines["Writer"] = [manifest[settings.writer], *lines.get("Writer", [])]
    return {role: [one for one in line if not hindrance(one, settings)] for role, line in lines.items()}


def entries_of(profile: Profile, manifest: Manifest, settings: Settings) -> list[ModelEntry]:
    """The models this profile pulls: the first choice of each role, and the assets."""
    firsts = [line[0] for line in _pulled(profile, manifest, settings)]
    return _each_once([*firsts, *(manifest[extra] for extra in profile.extras)])


def tells_resident(profile: Profile, manifest: Manifest, settings: Settings) -> bool:
    """Whether all that tells a tale stays loaded together on each device, so that nothing waits for a swap."""
    line = line_up(profile, manifest, settings)
    firsts = {entries[0].id: entries[0] for role, entries in line.items() if entries and role in TELLING}
    together = {
        device: [one for one in firsts.values() if one.device == device]
        for device in {one.device for one in firsts.values()}
    }
    return all(together_mb(there) <= profile.memory_mb for there in together.values())


def together_mb(entries: Sequence[ModelEntry]) -> float:
    """What they take side by side on a device: all of them lie there, and one works at a time."""
    return sum(one.memory_mb for one in entries) + max((one.work_mb for one in entries), default=0.0)


def ensure_profile(
    profile: Profile,
    manifest: Manifest,
    places: Places,
    settings: Settings,
    progress: Callable[[str, int], None] = lambda *_: None,
    watch: RunLimits | None = None,
) -> list[ModelEntry]:
    """Pull what the profile lacks; a model that no source gives is replaced by its stand-in, if its role has one.

    Offline, by one that is here. Where nothing can stand in, the first error is raised.
    """
    lines = _pulled(profile, manifest, settings)
    first: TaleError | None = None
    while True:
        chosen = [line[0] for line in lines]
        try:
            ensure(chosen, places, settings, progress, watch, manifest)
        except (Unreachable, Damaged, Missing) as error:
            first = first or error
            # Offline names all that lack, joined: they are replaced one by one.
            if not _stand_in(lines, str(error.fields.get("model", "")).partition(",")[0], manifest):
                raise first from None
        else:
            had = [one for one in map(manifest.__getitem__, profile.extras) if _had(one, places, settings, progress)]
            return _each_once([*chosen, *had])


def _had(entry: ModelEntry, places: Places, settings: Settings, progress: Callable[[str, int], None]) -> bool:
    """Whether it is here now."""
    try:
        ensure((entry,), places, settings, progress)
    except (Unreachable, Damaged, Missing, Unwell):
        return False
    return True


def _pulled(profile: Profile, manifest: Manifest, settings: Settings) -> list[list[ModelEntry]]:
    """Lines whose firsts are pulled; one that was accepted serves beside the open one that knows more languages."""
    lines = [line for line in line_up(profile, manifest, settings).values() if line]
    beside = [line[number:] for line in lines if (number := _open_one(line))]
    return [*lines, *beside, *([manifest[asset]] for asset in profile.assets)]


def _open_one(line: Sequence[ModelEntry]) -> int:
    """Where in the line the first is that needs no word of the operator and knows what a bound first does not; 0."""
    lacks = (not one.accept and bool(set(one.languages) - set(line[0].languages)) for one in line)
    return next((number for number, open_one in enumerate(lacks) if open_one), 0) if line[0].accept else 0


def _each_once(entries: Sequence[ModelEntry]) -> list[ModelEntry]:
    return list({entry.id: entry for entry in entries}.values())


def _stand_in(lines: Sequence[list[ModelEntry]], model: str, manifest: Manifest) -> bool:
    """Let the next of each line serve whose first needs this model; False where one has no next."""
    hit = [line for line in lines if any(one.id == model for one in manifest.with_assets(line[0]))]
    if not hit or any(len(line) < 2 for line in hit):
        return False
    for line in hit:
        del line[0]
    return True


def _carries(hardware: Hardware, profile: Profile) -> bool:
    fits = hardware.ram_mb >= profile.least_ram_mb and hardware.usable_mb >= profile.least_vram_mb
    return fits and (not profile.least_vram_mb or _has_gpu_stack())


def _why(best: Profile, hardware: Hardware, profiles: Mapping[str, Profile]) -> str:
    if best.least_vram_mb:
        return "gpu_fits"
    if not best.least_ram_mb:
        return "ram_short"
    if hardware.hindrance or not hardware.gpus:
        return hardware.hindrance or "no_gpu"
    least_mb = min((profile.least_vram_mb for profile in profiles.values() if profile.least_vram_mb), default=0.0)
    return "gpu_small" if hardware.usable_mb < least_mb else "gpu_stack_missing"


def _budgeted(profile: Profile, settings: Settings) -> Profile:
    return replace(profile, memory_mb=settings.budget_gb * 1000) if settings.budget_gb else profile


def _has_gpu_stack() -> bool:
    return all(find_spec(package) is not None for package in GPU_STACK)
