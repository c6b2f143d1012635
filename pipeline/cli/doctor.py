"""This machine, looked at."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.cli.card_found import Bench, card_findings, fits_of
from pipeline.cli.pulling import size
from pipeline.cli.saying import run
from pipeline.cli.writer_openings import show_openings
from pipeline.places import Places
from pipeline.settings import Settings, read_settings
from pipeline.shelf.better_writer import offer_for, wanted_writer
from pipeline.shelf.hardware import MB, Hardware, look
from pipeline.shelf.languages import ABILITIES, languages_of
from pipeline.shelf.manifest import Manifest, ModelEntry, read_manifest
from pipeline.shelf.profiles import Profile, ProfileChoice, choose, entries_of, hindrance, line_up, read_profiles
from pipeline.shelf.weights import MEND, State, bill, lacking, standing
from pipeline.words.finding import Finding, Grade
from pipeline.words.prompt import DEFAULT_WORDS
from pipeline.words.tale import Publishable

ILL_EXIT = 1
SPARE_BYTES = 1_000_000_000
"""Disk that tales themselves need."""
_WHY = {
    "wished": "a setting asks for it",
    "gpu_fits": "the card carries it",
    "ram_short": "less than 4 GB of memory",
    "no_gpu": "enough memory, and no NVIDIA card",
    "gpu_small": "the card is too small for the big models",
    "gpu_stack_missing": "there is a card, but the big stack is not installed",
    "driver_missing": "there is a card, but no driver for it",
    "driver_old": "there is a card, but its driver is too old for the big stack",
    "capability_old": "there is a card, but the big stack is not built for one so old",
    "torch_without_cuda": "there is a card, but the installed torch is built without CUDA",
}
_HINDRANCES = {
    "package": "{} is not installed",
    "licence": "its terms are not accepted",
    "backend": "its code is not here",
}
_MENDS = {
    "package": "python3 echotales.py doctor --extra gpu installs the big stack",
    "licence": "name it in ECHOTALES_ACCEPT if you accept its terms",
    "backend": "fetch a newer checkout",
}
_MARKS = {Grade.WELL: "[green]+[/]", Grade.HINT: "[yellow]·[/]", Grade.ILL: "[red]![/]"}


@dataclass(frozen=True)
class Patient:
    """All that is looked at."""

    hardware: Hardware
    choice: ProfileChoice
    manifest: Manifest
    places: Places
    settings: Settings


def main(argv: Sequence[str], others: Iterable[Finding] = ()) -> int:
    """The verb `doctor`; `others` found what this wing cannot see."""
    parser = argparse.ArgumentParser(
        prog="echotales.py doctor", description="What this machine can run, what is missing."
    )
    parser.add_argument("--json", action="store_true", help="print one object")
    parser.add_argument("--profile", help="check as if this profile were chosen")
    parser.add_argument("--writer", action="store_true", help="let every writer that is here begin three tales")
    args = parser.parse_args(argv)
    if args.writer:
        return run(lambda: show_openings(as_json=args.json), as_json=args.json)
    return run(lambda: _report(_patient(args.profile), [*others], as_json=args.json), as_json=args.json)


def findings(patient: Patient) -> list[Finding]:
    """What this wing finds, the machine first."""
    return [*_machine(patient), *_profile(patient), *_weights(patient), *_better(patient), *_mute(patient)]


def _patient(profile: str | None) -> Patient:
    settings, places = read_settings(), Places.here()
    if profile:
        settings = replace(settings, profile=profile)
    hardware = look(places.weights)
    return Patient(hardware, choose(hardware, settings, read_profiles()), read_manifest(), places, settings)


def _bench(patient: Patient) -> Bench:
    return Bench(patient.hardware, patient.choice, read_profiles(), patient.manifest, patient.settings)


def _machine(patient: Patient) -> Iterable[Finding]:
    hardware = patient.hardware
    fast = f", {' '.join(hardware.flags)}" if hardware.flags else ""
    yield Finding("cpu", Grade.WELL, f"{hardware.system}, {hardware.cpu}, {hardware.cores} cores{fast}")
    yield _ram(hardware, patient.choice.profile)
    yield from card_findings(_bench(patient))
    yield _disk(patient)
    if hardware.libopus:
        yield Finding("libopus", Grade.WELL, hardware.libopus)
    else:
        yield Finding("libopus", Grade.ILL, "no libopus: the bot cannot speak in calls", "python3 -m pip install av")


def _ram(hardware: Hardware, profile: Profile) -> Finding:
    says = f"{size(hardware.ram_mb * MB)} of memory, {size(hardware.ram_free_mb * MB)} free"
    on_cpu = not profile.least_vram_mb
    if on_cpu and hardware.ram_free_mb < profile.memory_mb:
        needs = f"{profile.name} may hold {size(profile.memory_mb * MB)} of models"
        return Finding("ram", Grade.HINT, f"{says}; {needs}", "close other programs, or set ECHOTALES_PROFILE=tiny")
    return Finding("ram", Grade.WELL, says)


def _disk(patient: Patient) -> Finding:
    firsts = entries_of(patient.choice.profile, patient.manifest, patient.settings)
    sum_up = bill(lacking(firsts, patient.places, patient.manifest), patient.places)
    says = f"{size(sum_up.free_bytes)} free at {patient.places.weights}"
    if sum_up.free_bytes < sum_up.peak_bytes + SPARE_BYTES:
        return Finding(
            "disk", Grade.ILL, says, f"free {size(sum_up.peak_bytes + SPARE_BYTES)}, or set ECHOTALES_HOME elsewhere"
        )
    return Finding("disk", Grade.WELL, says)


def _profile(patient: Patient) -> Iterable[Finding]:
    choice = patient.choice
    mend = _MENDS["package"] if choice.why == "gpu_stack_missing" else ""
    wished = patient.settings.profile
    instead = f" instead of {wished}" if wished and wished != choice.profile.name else ""
    says = f"{choice.profile.name}{instead}: {_WHY.get(choice.why, choice.why)}"
    yield Finding("profile", Grade.HINT if mend or instead else Grade.WELL, says, mend)
    for role, line in line_up(choice.profile, patient.manifest, patient.settings).items():
        if not line:
            yield _unserved(role, patient)
        yield from _bound(role, patient)


def _bound(role: str, patient: Patient) -> Iterable[Finding]:
    """First choices that wait for nothing but a word of the operator, or for a library of the big stack."""
    entry = patient.manifest[patient.choice.profile.models[role][0]]
    why = hindrance(entry, patient.settings)
    if why.startswith("package") and patient.choice.profile.least_vram_mb:
        says = f"{entry.id} would serve as {role}, but {_why_not(entry, patient.settings).partition(': ')[2]}"
        yield Finding(f"package:{entry.id}", Grade.HINT, says, _MENDS["package"])
    if why == "licence":
        binds = "not for commercial use" if entry.publishable is Publishable.NO else "with a duty to name its makers"
        told = f"{entry.licence}, {binds}{f'; {entry.note}' if entry.note else ''}"
        says = f"{entry.id} would serve as {role} if you accept its terms ({told}); their text: {entry.terms}"
        mend = f"add {entry.id} to ECHOTALES_ACCEPT, then: {MEND.format(model=entry.id)}"
        yield Finding(f"licence:{entry.id}", Grade.HINT, says, mend)


def _unserved(role: str, patient: Patient) -> Finding:
    line = [patient.manifest[model] for model in patient.choice.profile.models[role]]
    said = ", ".join(_why_not(entry, patient.settings) for entry in line)
    mends = dict.fromkeys(_MENDS[hindrance(entry, patient.settings).partition(":")[0]] for entry in line)
    return Finding(f"role:{role}", Grade.ILL, f"no model can serve as {role} here ({said})", "; ".join(mends))


def _weights(patient: Patient) -> Iterable[Finding]:
    firsts = entries_of(patient.choice.profile, patient.manifest, patient.settings)
    used = {one.id: one for entry in firsts for one in patient.manifest.with_assets(entry) if one.all_members}
    yield from (_weights_of(entry, patient.places) for entry in used.values())


def _weights_of(entry: ModelEntry, places: Places) -> Finding:
    states = {one.state for one in standing(entry, places)}
    name, mend = f"weights:{entry.id}", MEND.format(model=entry.id)
    if State.TRUNCATED in states:
        return Finding(name, Grade.ILL, f"{entry.id} is damaged", mend)
    if State.ABSENT in states:
        return Finding(name, Grade.ILL, f"{entry.id} is not here yet", mend)
    return Finding(name, Grade.WELL, f"{entry.id} is here ({size(entry.bytes) if entry.bytes else 'installed'})")


def _better(patient: Patient) -> Iterable[Finding]:
    """A writer with words of its own, where memory and disk are there."""
    wanted = wanted_writer(patient.manifest, patient.settings, patient.places)
    if wanted is not None:
        lacks = lacking([wanted], patient.places, patient.manifest)
        state = f"{wanted.id} is wanted and comes in the background" if lacks else f"{wanted.id} writes, as was wanted"
        yield Finding("writer", Grade.WELL, state)
    profile, free_mb = patient.choice.profile, patient.hardware.ram_free_mb
    offer = offer_for(patient.manifest, patient.settings, profile, patient.places, DEFAULT_WORDS, lambda: free_mb)
    if offer is not None:
        pace = (
            f"a tale in about {offer.tale_s:.0f} s here"
            if offer.tale_s
            else "its pace here was not tried (doctor --writer)"
        )
        says = f"{offer.entry.id} fits this machine: {size(offer.fetch_bytes)}, {pace}; {offer.entry.note}"
        mend = f"python3 echotales.py models use writer {offer.entry.id} (needs a model hub)"
        yield Finding("writer", Grade.HINT, says, mend)


def _mute(patient: Patient) -> Iterable[Finding]:
    """Languages a tale can be written in and not spoken, with who could."""
    able = languages_of(patient.choice.profile, patient.manifest, patient.settings)
    for language in (name for name, row in able.items() if row["written"] and not row["spoken"]):
        could = [entry for entry in patient.manifest.of_role("Narrator") if language in entry.languages]
        mend = "; ".join(_why_not(one, patient.settings) for one in could if hindrance(one, patient.settings))
        yield Finding(f"language:{language}", Grade.HINT, f"tales in {language} can be written here, not spoken", mend)


def _why_not(entry: ModelEntry, settings: Settings) -> str:
    kind, _, package = hindrance(entry, settings).partition(":")
    return f"{entry.id}: {_HINDRANCES[kind].format(package)}"


def _report(patient: Patient, others: list[Finding], *, as_json: bool) -> int:
    found = [*findings(patient), *others]
    ill = any(finding.grade is Grade.ILL for finding in found)
    tables = {
        name: languages_of(profile, patient.manifest, patient.settings) for name, profile in read_profiles().items()
    }
    if as_json:
        print(json.dumps(_object(patient, found, tables, ill=ill), ensure_ascii=False))
    else:
        _show(found, tables[patient.choice.profile.name])
    return ILL_EXIT if ill else 0


def _object(patient: Patient, found: list[Finding], tables: dict[str, Any], *, ill: bool) -> dict[str, Any]:
    return {
        "well": not ill,
        "profile": patient.choice.profile.name,
        "why": patient.choice.why,
        "hardware": asdict(patient.hardware),
        "fits": [asdict(fit) for fit in fits_of(_bench(patient))],
        "findings": [asdict(finding) for finding in found],
        "languages": tables,
    }


def _show(found: list[Finding], languages: dict[str, dict[str, bool]]) -> None:
    console = Console(highlight=False)
    for finding in found:
        console.print(f"{_MARKS[finding.grade]} [bold]{finding.name}[/]  {escape(finding.says)}", soft_wrap=True)
        if finding.mend:
            console.print(f"    {finding.mend}", soft_wrap=True, markup=False)
    table = Table("language", *ABILITIES, box=None)
    for language, able in languages.items():
        table.add_row(language, *("yes" if able[ability] else "-" for ability in ABILITIES))
    console.print(table)
