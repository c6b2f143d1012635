"""A model is a file and an entry."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Unpack

import pytest

from pipeline.places import Places
from pipeline.roles import Needs
from pipeline.settings import Settings
from pipeline.shelf.doors import PLUGINS
from pipeline.shelf.ladder import CARDLESS, LEAN
from pipeline.shelf.manifest import Manifest, Member, ModelEntry, Source
from pipeline.shelf.offers import CPU, CUDA, Offers
from pipeline.shelf.profiles import Profile
from pipeline.words.prompt import Order
from pipeline.words.tale import Publishable


class Writer: ...


class Echo:
    def __init__(self, threads: int) -> None:
        self.threads = threads


def open_backend(weights: Mapping[str, Path], threads: int) -> Echo:
    return Echo(threads)


def entry(model: str, backend: str, *languages: str, needs: tuple[str, ...] = ()) -> ModelEntry:
    return ModelEntry(
        "Writer", "MIT", Publishable.YES, "Text: nobody (MIT)", backend, languages=languages, needs=needs, id=model
    )


def offers(tmp_path: Path, *entries: ModelEntry) -> Offers:
    profile = Profile(1000, 1, Order.FLOW, {"Writer": tuple(one.id for one in entries)}, name="test")
    manifest = Manifest({one.id: one for one in entries})
    return Offers(profile, manifest, Places(tmp_path, tmp_path), Settings(), threads=2)


def test_a_new_backend_touches_no_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = ModuleType("echoing_backend")
    vars(ours)["open_backend"] = open_backend
    ours.__spec__ = importlib.machinery.ModuleSpec("echoing_backend", None)
    monkeypatch.setitem(sys.modules, "echoing_backend", ours)
    (offer,) = offers(tmp_path, entry("echo", "echoing_backend"))(Writer, {})
    assert offer.open().threads == 2


def test_a_strangers_backend_comes_in_by_the_same_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    point = importlib.metadata.EntryPoint("stranger", f"{__name__}", PLUGINS)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group, name: [point] if name == "stranger" else [])
    (offer,) = offers(tmp_path, entry("guest", "stranger"))(Writer, {})
    assert offer.open().threads == 2


def test_language_and_missing_packages_choose_who_serves(tmp_path: Path) -> None:
    here = "pipeline.backends.write_gguf"
    line = (
        entry("absent", here, needs=("no_such_package",)),
        entry("english", here, "en"),
        entry("both", here, "en", "pt"),
    )
    offered = offers(tmp_path, *line)
    assert [one.model for one in offered(Writer, {"language": "pt"})] == ["both"]
    assert [one.model for one in offered(Writer, {})] == ["english", "both"]
    assert [one.model for one in offered(Writer, {"model": "english"})] == ["english"]


def test_the_card_serves_first_and_without_it_who_needs_none(tmp_path: Path) -> None:
    here = "pipeline.backends.write_gguf"
    big, small = replace(entry("big", here), device="gpu"), entry("small", here)
    has_card = True
    profile = Profile(1000, 1, Order.FLOW, {"Writer": ("big", "small")}, name="test")
    manifest = Manifest({one.id: one for one in (big, small)})
    offered = Offers(profile, manifest, Places(tmp_path, tmp_path), Settings(), 2, lambda: has_card)

    def told(**needs: Unpack[Needs]) -> list[tuple[str, str, bool]]:
        return [(one.model, one.device, one.lean) for one in offered(Writer, needs)]

    assert told() == [("big", CUDA, False), ("small", CPU, False)]
    assert told(rung=LEAN) == [("big", CUDA, True), ("small", CPU, True)]
    assert told(rung=CARDLESS) == [("small", CPU, True)]
    has_card = False
    assert told() == [("small", CPU, False)], "left to a game, or its driver broke"


def test_a_careful_model_serves_files_first_once_its_weights_are_here(tmp_path: Path) -> None:
    swift = entry("swift", "pipeline.errors")
    member = Member((Source(path=str(tmp_path / "ear.bin")),), bytes=3)
    better = replace(entry("better", "pipeline.errors"), members={"ear.bin": member})
    profile = Profile(1000, 1, Order.FLOW, {"Writer": ("swift",)}, careful=("better",), name="test")
    manifest = Manifest({"swift": swift, "better": better})
    found = Offers(profile, manifest, Places(tmp_path, tmp_path), Settings(), threads=2)
    assert [one.model for one in found(Writer, {"careful": "file"})] == ["swift"], "not pulled yet"
    file = tmp_path / "weights" / "better" / "ear.bin"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"ear")
    assert [one.model for one in found(Writer, {"careful": "file"})] == ["better", "swift"]
    assert [one.model for one in found(Writer, {})] == ["swift"], "who waits live gets the swift one"


def test_where_no_card_was_meant_a_rung_is_the_next_that_serves(tmp_path: Path) -> None:
    here = "pipeline.backends.write_gguf"
    offered = offers(tmp_path, entry("first", here), entry("second", here))
    assert [one.model for one in offered(Writer, {"rung": LEAN})] == ["second"]
    assert [one.model for one in offered(Writer, {"rung": CARDLESS})] == ["second"], "the last one stays"
