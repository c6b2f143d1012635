"""The doctor says what mends it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.cli import doctor
from pipeline.places import Places
from pipeline.settings import Settings
from pipeline.shelf.hardware import Hardware
from pipeline.shelf.manifest import Manifest, read_manifest
from pipeline.shelf.nvidia import Gpu
from pipeline.shelf.profiles import ProfileChoice, read_profiles
from pipeline.words.finding import Finding, Grade

HEALTHY = Hardware("Linux x86_64", "a processor", 2, ("avx2",), 16_000, 12_000, (), 50_000, "/lib/libopus.so")


def _patient(
    places: Places, hardware: Hardware = HEALTHY, profile: str = "tiny", why: str = "wished"
) -> doctor.Patient:
    return doctor.Patient(hardware, ProfileChoice(read_profiles()[profile], why), read_manifest(), places, Settings())


def _found(patient: doctor.Patient) -> dict[str, Finding]:
    return {finding.name: finding for finding in doctor.findings(patient)}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path, tmp_path)


def test_missing_weights_are_ill_and_carry_their_command(places: Places) -> None:
    found = _found(_patient(places))["weights:kokoro-82m"]
    assert found.grade is Grade.ILL
    assert found.mend == "python3 echotales.py models pull kokoro-82m"


def test_damaged_weights_are_not_called_absent(places: Places) -> None:
    path = places.weights / "smollm2-135m" / "model.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"cut off")
    assert "damaged" in _found(_patient(places))["weights:smollm2-135m"].says


def test_no_libopus_is_ill(places: Places) -> None:
    assert _found(_patient(places, replace(HEALTHY, libopus="")))["libopus"].grade is Grade.ILL


def test_little_free_memory_is_a_hint(places: Places) -> None:
    assert _found(_patient(places, replace(HEALTHY, ram_free_mb=500)))["ram"].grade is Grade.HINT


def test_a_better_writer_is_named_where_the_memory_is_there(places: Places) -> None:
    found = _found(_patient(places))["writer"]
    assert "models use writer " in found.mend
    assert " GB, its pace here was not tried (doctor --writer)" in found.says
    assert "writer" not in _found(_patient(places, replace(HEALTHY, ram_free_mb=3_000)))


def test_terms_that_wait_for_a_word_are_named(places: Places) -> None:
    patient = _patient(places)
    manifest = patient.manifest
    bound = replace(manifest["kokoro-82m"], accept=True, licence="Terms of its makers")
    found = _found(replace(patient, manifest=Manifest({**manifest.models, "kokoro-82m": bound})))["licence:kokoro-82m"]
    assert "Terms of its makers" in found.says
    assert "ECHOTALES_ACCEPT" in found.mend


def test_a_language_that_cannot_be_spoken_names_who_could(places: Places) -> None:
    patient = _patient(places, profile="embedded")
    kokoro = replace(patient.manifest["kokoro-82m"], languages=("en",))
    espeak = replace(patient.manifest["espeak"], languages=("en",))
    english = {"kokoro-82m": kokoro, "espeak": espeak}
    silent = replace(patient, manifest=Manifest({**patient.manifest.models, **english}))
    assert "xtts-v2: " in _found(silent)["language:pt"].mend
    assert "language:en" not in _found(silent)


def test_a_role_nobody_can_play_is_ill_and_says_what_each_lacks(places: Places) -> None:
    patient = _patient(places)
    kokoro = replace(patient.manifest["kokoro-82m"], needs=("no_such_package",))
    profile = replace(patient.choice.profile, models={"Narrator": ("kokoro-82m",)}, extras=())
    bare = replace(
        patient, manifest=Manifest({"kokoro-82m": kokoro}), choice=ProfileChoice(replace(profile, assets=()), "wished")
    )
    found = _found(bare)["role:Narrator"]
    assert found.grade is Grade.ILL
    assert "kokoro-82m: no_such_package is not installed" in found.says


def test_a_library_that_is_missing_on_a_card_is_named(places: Places) -> None:
    patient = _patient(places, profile="gpu-8gb")
    mistral = replace(patient.manifest["mistral-7b"], needs=("no_such_bitsandbytes",))
    profile = replace(patient.choice.profile, models={**patient.choice.profile.models, "Writer": ("mistral-7b",)})
    manifest = Manifest({**patient.manifest.models, "mistral-7b": mistral})
    found = _found(replace(patient, manifest=manifest, choice=ProfileChoice(profile, "wished")))["package:mistral-7b"]
    assert found.says == "mistral-7b would serve as Writer, but no_such_bitsandbytes is not installed"
    assert "--extra gpu" in found.mend


def test_a_licence_says_what_it_binds_and_the_two_steps(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.shelf.profiles.find_spec", lambda package: object())
    found = _found(_patient(places, profile="gpu-8gb"))["licence:xtts-v2"]
    assert "Coqui Public Model License 1.0, not for commercial use" in found.says
    assert "https://" in found.says
    assert found.mend == "add xtts-v2 to ECHOTALES_ACCEPT, then: python3 echotales.py models pull xtts-v2"


def test_a_card_without_its_stack_is_a_hint_with_a_command(places: Places) -> None:
    machine = replace(HEALTHY, gpus=(Gpu("a card", 24_500, "580.95.05"),))
    found = _found(_patient(places, machine, "embedded", "gpu_stack_missing"))
    assert found["gpu"].says == "a card, 24.50 GB of memory, driver 580.95.05"
    assert "--extra gpu" in found["profile"].mend


def test_the_exit_code_tells_and_json_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ECHOTALES_HOME", str(tmp_path))
    assert doctor.main(["--profile", "tiny", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["well"] is False
    assert told["profile"] == "tiny"
    assert told["languages"]["embedded"]["fr"]["written"]
    assert {finding["grade"] for finding in told["findings"]} <= {"well", "hint", "ill"}


def test_what_the_other_wing_found_counts_too(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "findings", lambda patient: [])
    monkeypatch.setenv("ECHOTALES_HOME", str(places.home))
    assert doctor.main([]) == 0
    assert doctor.main([], [Finding("token", Grade.ILL, "no token", "set one")]) == 1
    assert "set one" in capsys.readouterr().out
