"""A machine gets the profile it carries."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import Refused, Unreachable
from pipeline.places import Places
from pipeline.settings import Settings
from pipeline.shelf import profiles as rooms
from pipeline.shelf.hardware import Hardware, libopus, look
from pipeline.shelf.languages import languages_of
from pipeline.shelf.manifest import Manifest, ModelEntry, Source, read_manifest
from pipeline.shelf.nvidia import Gpu
from pipeline.shelf.profiles import (
    choose,
    ensure_profile,
    entries_of,
    hindrance,
    line_up,
    read_profiles,
    tells_resident,
)
from pipeline.words.prompt import Order
from tests.pipeline.shelf.conftest import WHOLE, entry_of

PROFILES = read_profiles()
MACHINE = Hardware("Linux x86_64", "a processor", 2, (), 16_000, 12_000, (), 50_000, "libopus.so")
CARD = Gpu("a card", 24_500, "580.95.05")


def _chosen(hardware: Hardware, settings: Settings | None = None) -> tuple[str, str]:
    choice = choose(hardware, settings or Settings(), PROFILES)
    return choice.profile.name, choice.why


def test_less_than_four_gigabytes_get_the_tiny_profile() -> None:
    assert _chosen(replace(MACHINE, ram_mb=3_900)) == ("tiny", "ram_short")
    assert _chosen(replace(MACHINE, ram_mb=4_100)) == ("embedded", "no_gpu")


def test_a_card_counts_once_the_big_stack_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = replace(MACHINE, gpus=(CARD,), ram_mb=64_000)
    monkeypatch.setattr(rooms, "_has_gpu_stack", lambda: False)
    assert _chosen(machine) == ("embedded", "gpu_stack_missing")
    monkeypatch.setattr(rooms, "_has_gpu_stack", lambda: True)
    assert _chosen(machine) == ("gpu-24gb", "gpu_fits")
    assert _chosen(replace(machine, gpus=(replace(CARD, vram_mb=8_500),))) == ("gpu-8gb", "gpu_fits")
    assert _chosen(replace(machine, gpus=(replace(CARD, vram_mb=4_000),))) == ("embedded", "gpu_small")


def test_a_setting_overrides_the_hardware() -> None:
    assert _chosen(replace(MACHINE, ram_mb=2_000), Settings(profile="embedded")) == ("embedded", "wished")
    with pytest.raises(Refused, match="profile_unknown"):
        _chosen(MACHINE, Settings(profile="enormous"))


def test_a_budget_overrides_the_profiles() -> None:
    assert choose(MACHINE, Settings(budget_gb=1.5), PROFILES).profile.memory_mb == 1_500


def test_small_cards_walk_stage_by_stage_and_others_passage_by_passage() -> None:
    assert PROFILES["gpu-8gb"].order is Order.LIST
    assert {PROFILES[name].order for name in ("tiny", "embedded", "gpu-24gb")} == {Order.FLOW}


def test_the_operators_writer_comes_first_and_the_profiles_stands_in() -> None:
    line = line_up(PROFILES["embedded"], read_manifest(), Settings(writer="smollm2-135m"))["Writer"]
    assert [entry.id for entry in line][:2] == ["smollm2-135m", "qwen2.5-coder-1.5b"]


def test_a_model_whose_package_is_missing_is_passed_over() -> None:
    manifest = read_manifest()
    crippled = replace(manifest["score"], needs=("no_such_package",))
    altered = Manifest({**manifest.models, "score": crippled})
    assert hindrance(crippled, Settings()) == "package:no_such_package"
    assert line_up(PROFILES["tiny"], altered, Settings())["Composer"][0].id == "score-timgm6mb"


def test_terms_not_accepted_hinder_and_accepted_ones_do_not() -> None:
    bound = replace(read_manifest()["kokoro-82m"], accept=True)
    assert hindrance(bound, Settings()) == "licence"
    assert hindrance(bound, Settings(accept="kokoro-82m")) == ""


def test_a_model_no_source_gives_is_replaced_by_its_stand_in(places: Places, tmp_path: Path) -> None:
    manifest, profile = _house(tmp_path, spare=True)
    assert [entry.id for entry in ensure_profile(profile, manifest, places, Settings())] == ["spare"]
    assert (places.weights / "spare" / "voice.bin").read_bytes() == WHOLE


def test_without_a_stand_in_the_first_error_is_raised(places: Places, tmp_path: Path) -> None:
    manifest, profile = _house(tmp_path, spare=False)
    with pytest.raises(Unreachable, match="network_gone"):
        ensure_profile(profile, manifest, places, Settings())


def test_what_is_done_without_is_done_without_where_no_source_gives_it(places: Places, tmp_path: Path) -> None:
    manifest, profile = _house(tmp_path, spare=True)
    extra = replace(entry_of(Source(path=str(tmp_path / "gone.onnx"))), id="extra", role="Asset", backend="")
    more = Manifest({**manifest.models, "extra": extra})
    wishing = replace(profile, extras=("extra",))
    assert [entry.id for entry in ensure_profile(wishing, more, places, Settings())] == ["spare"]
    (tmp_path / "gone.onnx").write_bytes(WHOLE)
    assert [entry.id for entry in ensure_profile(wishing, more, places, Settings())] == ["spare", "extra"]


def test_each_entry_is_pulled_once_though_it_plays_two_roles() -> None:
    ids = [entry.id for entry in entries_of(PROFILES["embedded"], read_manifest(), Settings())]
    assert len(ids) == len(set(ids))


def test_the_languages_come_from_the_models_that_serve() -> None:
    table = languages_of(PROFILES["tiny"], read_manifest(), Settings())
    assert table["en"]["written"]
    assert table["pt"]["written"]
    assert table["pt"]["heard"]
    assert not table["zh"]["written"]


def test_this_machine_is_seen_as_it_is(tmp_path: Path) -> None:
    hardware = look(tmp_path / "not" / "made", lambda command: "")
    assert hardware.cores >= 1
    assert hardware.ram_mb >= hardware.ram_free_mb > 0
    assert hardware.disk_free_mb > 0
    assert hardware.gpus == ()
    assert Path(hardware.libopus).exists() or "opus" in libopus()


def _house(folder: Path, *, spare: bool) -> tuple[Manifest, rooms.Profile]:
    (folder / "voice.bin").write_bytes(WHOLE)
    gone = _narrator(entry_of(Source(path=str(folder / "gone.bin")), model="first"))
    there = _narrator(entry_of(Source(path=str(folder / "voice.bin")), model="spare"))
    models = ("first", "spare") if spare else ("first",)
    profile = rooms.Profile(1000, 1, Order.FLOW, {"Narrator": models}, name="house")
    return Manifest({"first": gone, "spare": there}), profile


def _narrator(entry: ModelEntry) -> ModelEntry:
    return replace(entry, role="Narrator", backend="pipeline.errors")


def test_a_large_card_keeps_all_at_once_and_a_small_one_swaps() -> None:
    manifest = Manifest({key: replace(entry, needs=()) for key, entry in read_manifest().models.items()})
    all_of_them = Settings(accept=",".join(manifest.models))
    assert tells_resident(PROFILES["gpu-24gb"], manifest, all_of_them)
    assert not tells_resident(PROFILES["gpu-8gb"], manifest, all_of_them)
    assert tells_resident(PROFILES["gpu-8gb"], manifest, Settings()), "the open writer has the small card to itself"
    firsts = [manifest[PROFILES["gpu-8gb"].models[role][0]] for role in ("Writer", "Narrator", "Composer")]
    assert all(one.memory_mb + one.work_mb <= PROFILES["gpu-8gb"].memory_mb for one in firsts), "each fits by itself"


@pytest.mark.parametrize("wished", ["gpu-8gb", "gpu-24gb"])
def test_a_wished_profile_for_cards_goes_where_no_card_can_serve(wished: str) -> None:
    assert _chosen(MACHINE, Settings(profile=wished)) == ("embedded", "no_gpu")
    old = replace(MACHINE, gpus=(replace(CARD, driver="470.82"),))
    assert _chosen(old, Settings(profile=wished)) == ("embedded", "driver_old")
    assert _chosen(replace(MACHINE, gpus=(CARD,)), Settings(profile=wished)) == (wished, "wished")
