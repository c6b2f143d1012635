"""A model is a file and an entry."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

from pipeline.places import Places
from pipeline.settings import Settings
from pipeline.shelf.doors import PLUGINS
from pipeline.shelf.manifest import Manifest, ModelEntry
from pipeline.shelf.offers import Offers
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
