"""The doctor knows the card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from pipeline.cli import doctor
from pipeline.cli.card_found import Bench, card_findings, fits_of
from pipeline.settings import Settings
from pipeline.shelf import profiles as rooms
from pipeline.shelf.fits import CardFit
from pipeline.shelf.hardware import Hardware
from pipeline.shelf.manifest import read_manifest
from pipeline.shelf.nvidia import Driverless, Gpu, Holder, look_at_cards
from pipeline.shelf.profiles import ProfileChoice, choose, read_profiles
from pipeline.words.finding import Finding, Grade
from tests.pipeline.shelf import smi

PROFILES = read_profiles()
MACHINE = Hardware("Linux x86_64", "a processor", 8, (), 32_000, 24_000, (), 90_000, "libopus.so", torch_cuda="13.0")
CARD = Gpu("a card", 8_590, "580.95.05", free_mb=8_200, used_mb=390, cuda="13.0", capability="8.9")
NO_DRIVER = replace(MACHINE, driverless=Driverless(1, smi.NO_DRIVER.strip()))
CASES: Mapping[str, tuple[Hardware, str, str]] = {
    "driver_missing": (NO_DRIVER, "no driver that speaks for it", "ubuntu-drivers install"),
    "driver_old": (
        replace(MACHINE, gpus=(replace(CARD, driver="535.183.01", cuda="12.2"),)),
        "driver 535.183.01 carries CUDA 12.2; torch 2.13.0 wants CUDA 13.0: driver 580.65 on Linux",
        "ubuntu-drivers install",
    ),
    "capability_old": (
        replace(MACHINE, gpus=(replace(CARD, capability="6.1"),)),
        "compute capability 6.1",
        "models pull embedded",
    ),
    "torch_without_cuda": (replace(MACHINE, gpus=(CARD,), torch_cuda=""), "without CUDA", "doctor --extra gpu"),
}


@pytest.fixture(autouse=True)
def stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """The big stack counts as installed: what hinders here is the card."""
    monkeypatch.setattr(rooms, "_has_gpu_stack", lambda: True)
    monkeypatch.setattr(rooms, "find_spec", lambda package: object())
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def _bench(hardware: Hardware, profile: str = "gpu-8gb", settings: Settings = Settings()) -> Bench:  # noqa: B008 - frozen
    return Bench(hardware, ProfileChoice(PROFILES[profile], "wished"), PROFILES, read_manifest(), settings)


def _found(bench: Bench) -> dict[str, Finding]:
    return {finding.name: finding for finding in card_findings(bench)}


def _free(free_mb: float, *holders: Holder) -> Hardware:
    return replace(MACHINE, gpus=(replace(CARD, free_mb=free_mb, holders=holders),))


@pytest.mark.parametrize("why", CASES)
def test_each_hindrance_is_one_sentence_with_its_mend_and_the_embedded_profile_tells(why: str) -> None:
    hardware, says, mend = CASES[why]
    assert hardware.hindrance == why
    assert choose(hardware, Settings(), PROFILES).profile.name == "embedded"
    found = _found(_bench(hardware, "embedded"))[f"gpu:{why}"]
    assert found.grade is Grade.HINT
    assert says in found.says
    assert found.says.endswith("tales are told on the processor meanwhile")
    assert mend in found.mend


def test_a_driver_that_was_changed_under_a_running_machine_wants_a_restart() -> None:
    changed = replace(MACHINE, driverless=Driverless(2, smi.MISMATCH.partition("\n")[0]))
    found = _found(_bench(changed, "embedded"))["gpu:driver_missing"]
    assert found.says.startswith("2 NVIDIA cards in this machine")
    assert found.mend.startswith("restart the machine")


def test_windows_has_its_own_mends() -> None:
    for why in ("driver_old", "torch_without_cuda"):
        windows = replace(CASES[why][0], system="Windows AMD64")
        mend = _found(_bench(windows, "embedded"))[f"gpu:{why}"].mend
        assert "ubuntu" not in mend
        assert "nvidia.com/drivers" in mend or r".venv\Scripts\python.exe" in mend


def test_a_linux_under_windows_takes_its_driver_from_there() -> None:
    under = replace(CASES["driver_old"][0], system="Linux x86_64 (WSL)")
    assert "the driver of Windows, not of this Linux" in _found(_bench(under, "embedded"))["gpu:driver_old"].mend


def test_a_card_is_told_whole() -> None:
    (gpu,), _ = look_at_cards(smi.smi({8: smi.WINDOWS}, smi.WINDOWS_TABLE))
    found = _found(_bench(replace(MACHINE, system="Windows AMD64", gpus=(gpu,))))
    assert found["gpu"].says == (
        "NVIDIA GeForce RTX 3060 Ti, 8.59 GB of memory, 7.35 GB free, driver 581.29 (CUDA 13.0), "
        "compute capability 8.6, a Windows display driver"
    )
    assert "Sysmem Fallback Policy" in found["gpu:spills"].mend


def test_what_fits_is_judged_by_what_is_free_now() -> None:
    alone = {fit.model: fit.room for fit in fits_of(_bench(_free(8_200)))}
    assert alone["mistral-7b"] is CardFit.ALONE or alone["mistral-7b"] is CardFit.TOGETHER
    assert CardFit.NONE not in {alone[model] for model in ("mistral-7b", "xtts-v2", "riffusion")}
    roomy = {fit.model: fit.room for fit in fits_of(_bench(_free(24_000), "gpu-24gb"))}
    assert set(roomy.values()) == {CardFit.TOGETHER}
    full = {fit.model: fit.room for fit in fits_of(_bench(_free(600)))}
    assert set(full.values()) == {CardFit.NONE}


def test_together_counts_the_first_choices_that_are_accepted() -> None:
    everything = Settings(accept="xtts-v2,riffusion,llama-2-7b")
    machine = _free(8_200)
    room = {fit.model: fit.room for fit in fits_of(_bench(machine))}
    crowded = {fit.model: fit.room for fit in fits_of(_bench(machine, settings=everything))}
    assert room["mistral-7b"] is CardFit.TOGETHER
    assert crowded["mistral-7b"] is CardFit.ALONE


def test_a_card_never_holds_more_than_its_profile_allows() -> None:
    big = {fit.model: fit.room for fit in fits_of(_bench(_free(24_000), settings=Settings(accept="xtts-v2,riffusion")))}
    assert {big["mistral-7b"], big["xtts-v2"], big["riffusion"]} == {CardFit.ALONE}


def test_a_half_full_card_says_who_holds_it_and_what_still_fits() -> None:
    holders = (Holder(1834, "/usr/lib/xorg/Xorg", 300.0), Holder(20411, "game.x86_64", 4_600.0))
    found = _found(_bench(_free(3_600, *holders)))["gpu:full"]
    assert "3.60 GB of the card are free, held by game.x86_64 (4.60 GB), /usr/lib/xorg/Xorg (300 MB)" in found.says
    assert "; qwen3-4b-card (3.60 GB) cannot load now and a stand-in serves; what still fits: xtts-v2" in found.says
    assert "riffusion" not in found.says.partition("cannot load")[0]
    assert "ECHOTALES_GPU_POLITE" in found.mend


def test_holders_whose_memory_windows_hides_are_named_all_the_same() -> None:
    found = _found(_bench(_free(900, Holder(7, "Game.exe"))))["gpu:full"]
    assert "held by Game.exe;" in found.says


def test_a_small_card_says_how_much_is_needed_and_the_embedded_profile_tells() -> None:
    small = replace(MACHINE, gpus=(replace(CARD, vram_mb=4_295, free_mb=4_000),))
    choice = choose(small, Settings(), PROFILES)
    assert choice.profile.name == "embedded"
    found = _found(replace(_bench(small, "embedded"), choice=choice))
    assert "gpu-8gb needs 7.50 GB and the card has 4.29 GB: embedded is used" in found["gpu:small"].says
    assert "models pull embedded" in found["gpu:small"].mend
    assert "gpu:full" not in found


def test_the_big_writer_without_a_card_is_called_slow() -> None:
    found = _found(_bench(MACHINE))["gpu:four_bits"]
    assert "qwen3-4b-card would write in four bits on the processor" in found.says
    assert "ECHOTALES_WRITER=qwen2.5-coder-1.5b" in found.mend
    assert "gpu:four_bits" not in _found(_bench(_free(8_200)))


def test_of_several_cards_the_one_to_use_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    gpus, _ = look_at_cards(smi.smi({8: smi.TWO}))
    bench = _bench(replace(MACHINE, gpus=gpus))
    assert "CUDA_VISIBLE_DEVICES=1" in _found(bench)["gpu:which"].mend
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert "gpu:which" not in _found(bench)


def test_a_healthy_card_is_well_and_a_machine_without_one_too() -> None:
    assert {one.grade for one in card_findings(_bench(_free(8_200)))} == {Grade.WELL}
    assert [one.says for one in card_findings(_bench(MACHINE, "embedded"))] == [
        "no NVIDIA card; everything runs on the processor"
    ]


def test_the_doctors_json_carries_the_card_and_what_fits(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "look", lambda weights: _free(8_200))
    doctor.main(["--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["hardware"]["gpus"][0]["free_mb"] == 8_200
    assert {"model", "role", "needs_mb", "room"} == set(told["fits"][0])
