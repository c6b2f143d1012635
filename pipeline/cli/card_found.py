"""What the doctor finds at a card."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.cli.pulling import size
from pipeline.settings import Settings
from pipeline.shelf.fits import FLOOR_MB, CardFit, Fit, card_profile, firsts_on_card, fits
from pipeline.shelf.hardware import MB, Hardware
from pipeline.shelf.manifest import Manifest
from pipeline.shelf.nvidia import LEAST_CAPABILITY, LEAST_DRIVER_SAID, Gpu, Holder
from pipeline.shelf.profiles import Profile, ProfileChoice, line_up
from pipeline.words.finding import Finding, Grade

TORCH = "torch 2.13.0"
"""As the gpu lock pins it."""
_WHICH = "CUDA_VISIBLE_DEVICES"
_MEANWHILE = "tales are told on the processor meanwhile"
_NEW_DRIVER = {
    "Windows": "update it with the NVIDIA app, or from nvidia.com/drivers",
    "WSL": "update the driver of Windows, not of this Linux, with the NVIDIA app, or from nvidia.com/drivers",
    "Linux": "sudo ubuntu-drivers install, then restart (Debian: sudo apt install nvidia-driver; Fedora: sudo dnf "
    "install akmod-nvidia)",
}
_IN_A_CONTAINER = "; in a container, start it with --gpus all"
_CUDA_TORCH = {
    # What ordinary registries have for Windows is built without CUDA.
    "Windows": r"install its CUDA 13.0 build as pytorch.org/get-started says, with .venv\Scripts\python.exe -m pip",
    "Linux": "rm -r .venv && python3 echotales.py doctor --extra gpu: it was installed while no card was seen",
}
_RESTART = "restart the machine: its driver was changed while it ran"
_NO_STACK = "nothing to install: python3 echotales.py models pull embedded, and no --extra gpu"


@dataclass(frozen=True)
class Bench:
    """What a card is judged by."""

    hardware: Hardware
    choice: ProfileChoice
    profiles: Mapping[str, Profile]
    manifest: Manifest
    settings: Settings


def card_findings(bench: Bench) -> Iterator[Finding]:
    """The cards, why they cannot serve, what fits, and what to change."""
    hardware = bench.hardware
    if hardware.gpu is None and not hardware.driverless:
        yield Finding("gpu", Grade.WELL, "no NVIDIA card; everything runs on the processor")
    yield from (_seen(gpu) for gpu in hardware.gpus)
    if len(hardware.gpus) > 1 and hardware.gpu and _WHICH not in os.environ:
        yield _one_of_several(hardware.gpu)
    if hardware.hindrance:
        yield _hindered(hardware)
    elif hardware.gpu:
        yield from _carried(bench, hardware.gpu)
    yield from _four_bits_on_a_processor(bench)


def fits_of(bench: Bench) -> list[Fit]:
    """Every card model against the best card; empty without one."""
    gpu = bench.hardware.gpu
    return fits(gpu, _judged(bench), bench.manifest, bench.settings) if gpu else []


def _judged(bench: Bench) -> Profile:
    chosen = bench.choice.profile
    return chosen if chosen.least_vram_mb else card_profile(bench.hardware, bench.profiles)


def _seen(gpu: Gpu) -> Finding:
    free = f", {size(gpu.free_mb * MB)} free" if gpu.free_mb is not None else ""
    cuda = f" (CUDA {gpu.cuda})" if gpu.cuda else ""
    capability = f", compute capability {gpu.capability}" if gpu.capability else ""
    kind = ", a Windows display driver" if gpu.wddm else ""
    memory = f"{size(gpu.vram_mb * MB)} of memory{free}"
    return Finding("gpu", Grade.WELL, f"{gpu.name}, {memory}, driver {gpu.driver}{cuda}{capability}{kind}")


def _one_of_several(gpu: Gpu) -> Finding:
    says = f"one executor uses one card, and {gpu.name} serves best"
    return Finding("gpu:which", Grade.HINT, says, f"set CUDA_DEVICE_ORDER=PCI_BUS_ID and {_WHICH}={gpu.index}")


def _hindered(hardware: Hardware) -> Finding:
    says, mend = {
        "driver_missing": _driver_missing,
        "driver_old": _driver_old,
        "capability_old": _capability_old,
        "torch_without_cuda": _torch_without_cuda,
    }[hardware.hindrance](hardware)
    return Finding(f"gpu:{hardware.hindrance}", Grade.HINT, f"{says}; {_MEANWHILE}", mend)


def _driver_missing(hardware: Hardware) -> tuple[str, str]:
    told = hardware.driverless
    assert told is not None
    why = f" (nvidia-smi: {told.said})" if told.said else ""
    number = "an NVIDIA card" if told.cards == 1 else f"{told.cards} NVIDIA cards"
    mend = _RESTART if "mismatch" in told.said else _by_system(_NEW_DRIVER, hardware) + _IN_A_CONTAINER
    return f"{number} in this machine and no driver that speaks for it{why}", mend


def _driver_old(hardware: Hardware) -> tuple[str, str]:
    gpu = _card(hardware)
    carries = f" carries CUDA {gpu.cuda}" if gpu.cuda else " is too old"
    says = f"driver {gpu.driver}{carries}; {TORCH} wants CUDA 13.0: driver {LEAST_DRIVER_SAID}, or newer"
    return says, _by_system(_NEW_DRIVER, hardware)


def _capability_old(hardware: Hardware) -> tuple[str, str]:
    gpu = _card(hardware)
    least = ".".join(map(str, LEAST_CAPABILITY))
    built = f"{TORCH} is built for {least} (GeForce GTX 16, RTX 20) and newer"
    return f"{gpu.name} has compute capability {gpu.capability}; {built}", _NO_STACK


def _torch_without_cuda(hardware: Hardware) -> tuple[str, str]:
    return "the installed torch is built without CUDA: the card stays idle", _by_system(_CUDA_TORCH, hardware)


def _carried(bench: Bench, gpu: Gpu) -> Iterator[Finding]:
    profile, all_of_them = _judged(bench), fits_of(bench)
    if gpu.vram_mb < profile.least_vram_mb:
        yield _small(gpu, profile, bench.choice)
    elif short := _short_of(profile, all_of_them, bench):
        yield _full(gpu, all_of_them, short)
    yield _fitting(gpu, profile, all_of_them)
    if gpu.wddm:
        yield _spilling()


def _small(gpu: Gpu, profile: Profile, choice: ProfileChoice) -> Finding:
    needs = f"{profile.name} needs {size(profile.least_vram_mb * MB)} and the card has {size(gpu.vram_mb * MB)}"
    mend = f"nothing to mend: python3 echotales.py models pull {choice.profile.name}, and no --extra gpu"
    return Finding("gpu:small", Grade.HINT, f"{needs}: {choice.profile.name} is used", mend)


def _short_of(profile: Profile, all_of_them: Sequence[Fit], bench: Bench) -> list[Fit]:
    """First choices on the card that what is free cannot carry."""
    firsts = {entry.id for entry in firsts_on_card(profile, bench.manifest, bench.settings)}
    return [fit for fit in all_of_them if fit.room is CardFit.NONE and fit.model in firsts]


def _full(gpu: Gpu, all_of_them: Sequence[Fit], short: Sequence[Fit]) -> Finding:
    still = [fit.model for fit in all_of_them if fit.room is not CardFit.NONE]
    says = f"{size((gpu.free_mb or 0.0) * MB)} of the card are free{_held(gpu.holders)}"
    lost = f"{_names(short)} cannot load now and a stand-in serves; what still fits: {', '.join(still) or 'nothing'}"
    mend = "close what holds it, or set ECHOTALES_GPU_POLITE=1 to leave the card to it and tell on the processor"
    return Finding("gpu:full", Grade.HINT, f"{says}; {lost}", mend)


def _held(holders: Sequence[Holder]) -> str:
    if not holders:
        return ""
    told = (f"{one.name} ({size(one.memory_mb * MB)})" if one.memory_mb else one.name for one in _largest(holders))
    return f", held by {', '.join(told)}"


def _largest(holders: Sequence[Holder]) -> list[Holder]:
    return sorted(holders, key=lambda one: -(one.memory_mb or 0.0))[:3]


def _fitting(gpu: Gpu, profile: Profile, all_of_them: Sequence[Fit]) -> Finding:
    rooms = {room: [fit for fit in all_of_them if fit.room is room] for room in CardFit}
    told = [
        f"{label} {_names(rooms[room])}"
        for room, label in (
            (CardFit.TOGETHER, "beside others:"),
            (CardFit.ALONE, "one at a time:"),
            (CardFit.NONE, "not now:"),
        )
        if rooms[room]
    ]
    free = gpu.vram_mb if gpu.free_mb is None else gpu.free_mb
    kept = f"of {size(free * MB)} free, {size(FLOOR_MB * MB)} go to CUDA itself"
    most = f"{profile.name} holds at most {size(profile.memory_mb * MB)}"
    return Finding("gpu:fits", Grade.WELL, f"{'; '.join(told)} ({kept}; {most})")


def _spilling() -> Finding:
    says = "Windows moves what overflows a card into the machine's memory, many times slower; here it counts as full"
    mend = "NVIDIA Control Panel, Manage 3D settings, CUDA - Sysmem Fallback Policy: Prefer No Sysmem Fallback"
    return Finding("gpu:spills", Grade.HINT, says, mend)


def _four_bits_on_a_processor(bench: Bench) -> Iterator[Finding]:
    """Asked for by name, the big writer also runs without a card, and nobody would want to wait for it."""
    line = line_up(bench.choice.profile, bench.manifest, bench.settings).get("Writer", [])
    if not line or line[0].device != "gpu" or bench.hardware.usable_mb:
        return
    says = f"{line[0].id} would write in four bits on the processor, slower than anybody waits; a small one is better"
    small = next((entry.id for entry in line if entry.device == "cpu"), "qwen2.5-coder-1.5b")
    yield Finding("gpu:four_bits", Grade.HINT, says, f"set ECHOTALES_WRITER={small}, or ECHOTALES_PROFILE=embedded")


def _names(some: Sequence[Fit]) -> str:
    return ", ".join(f"{fit.model} ({size(fit.needs_mb * MB)})" for fit in some)


def _card(hardware: Hardware) -> Gpu:
    assert hardware.gpu is not None
    return hardware.gpu


def _by_system(mends: Mapping[str, str], hardware: Hardware) -> str:
    return next((mend for system, mend in mends.items() if system in hardware.system), mends["Linux"])
