"""Models of a profile as the shelf's offers."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from pipeline.places import Places
from pipeline.roles import Transcriber, Writer
from pipeline.settings import Settings
from pipeline.shelf.manifest import read_manifest
from pipeline.shelf.offers import Offers
from pipeline.shelf.profiles import read_profiles


@pytest.mark.parametrize(
    ("profile", "writer", "readers"),
    [
        ("tiny", "", []),
        ("embedded", "", ["qwen2.5-coder-1.5b"]),
        ("embedded", "endpoint", ["endpoint", "qwen2.5-coder-1.5b"]),
    ],
)
def test_a_reader_of_wishes_is_no_tiny_one(tmp_path: Path, profile: str, writer: str, readers: list[str]) -> None:
    settings = Settings(writer=writer, writer_url="http://127.0.0.1:9" if writer else "")
    offers = _offers(profile, settings, tmp_path)
    assert [one.model for one in offers(Writer, {"reads": "wishes"})] == readers


@pytest.mark.parametrize(("profile", "spare"), [("embedded", False), ("gpu-24gb", True)])
def test_only_a_fast_machine_has_ears_to_spare(tmp_path: Path, profile: str, spare: bool) -> None:
    offers = _offers(profile, Settings(), tmp_path)
    assert bool(offers(Transcriber, {"language": "en", "spare": "ears"})) is spare
    assert offers(Transcriber, {"language": "en"})


def _offers(profile: str, settings: Settings, home: Path) -> Offers:
    places = cast(Places, SimpleNamespace(home=home))
    return Offers(read_profiles()[profile], read_manifest(), places, settings, 1)
