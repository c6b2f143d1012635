"""No swap before the first word."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import pytest

from pipeline.cancelled import Cancelled
from pipeline.places import Places
from pipeline.settings import Settings
from pipeline.shelf.budget import Budget
from pipeline.shelf.manifest import Manifest, ModelEntry
from pipeline.shelf.offers import CPU, CUDA, Offers
from pipeline.shelf.profiles import Profile
from pipeline.shelf.shelf import Device, Shelf
from pipeline.words.prompt import Order
from pipeline.words.tale import Publishable

CARD_MB = 7000.0


class Writer: ...


class Narrator: ...


class Card:
    """A device that knows what it holds."""

    def __init__(self) -> None:
        self.held_mb: dict[int, float] = {}

    def used_mb(self) -> float:
        return sum(self.held_mb.values())


class Weight:
    """A model that only weighs."""

    def __init__(self, card: Card, weighs_mb: float) -> None:
        self._card = card
        card.held_mb[id(self)] = weighs_mb

    def close(self) -> None:
        del self._card.held_mb[id(self)]


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """A writer and two narrators; the card holds the writer with the small one, never with the big one."""
    card = Card()
    entries = [
        _entry(monkeypatch, card, "Writer", "big-writer", 4600.0, device="gpu"),
        _entry(monkeypatch, card, "Narrator", "big-narrator", 3000.0, device="gpu"),
        _entry(monkeypatch, card, "Narrator", "small-narrator", 420.0),
    ]
    models = {"Writer": ("big-writer",), "Narrator": ("big-narrator", "small-narrator")}
    profile = Profile(CARD_MB, 5, Order.LIST, models, name="test")
    manifest = Manifest({one.id: one for one in entries})
    offers = Offers(profile, manifest, Places(tmp_path, tmp_path), Settings(), 1, lambda: True)
    return Shelf(offers, {name: Device(Budget(CARD_MB, card.used_mb)) for name in (CPU, CUDA)})


def test_who_listens_hears_the_narrator_that_fits_beside_the_writer(shelf: Shelf) -> None:
    _borrowed(shelf, Writer, beside="writer")
    _borrowed(shelf, Narrator, beside="writer")
    _borrowed(shelf, Writer, beside="writer")
    assert set(shelf.warm) == {"big-writer", "small-narrator"}


def test_who_waits_for_the_file_gets_the_first_choice_and_a_swap(shelf: Shelf) -> None:
    _borrowed(shelf, Writer)
    _borrowed(shelf, Narrator)
    assert shelf.warm == ("big-narrator",)


def test_a_narrator_that_fails_beside_the_writer_is_stood_in_for_by_the_big_one(shelf: Shelf) -> None:
    _borrowed(shelf, Narrator, beside="writer", stand_in=1)
    assert shelf.warm == ("big-narrator",)


def _borrowed(shelf: Shelf, role: type[Any], **needs: Any) -> None:
    with shelf.borrow(role, Cancelled(), None, **needs):
        pass


def _entry(
    monkeypatch: pytest.MonkeyPatch,
    card: Card,
    role: str,
    model: str,
    memory_mb: float,
    device: Literal["cpu", "gpu"] = "cpu",
) -> ModelEntry:
    def open_backend(_weights: Mapping[str, Path], _threads: int) -> Weight:
        return Weight(card, memory_mb)

    module = ModuleType(model.replace("-", "_"))
    vars(module)["open_backend"] = open_backend
    module.__spec__ = ModuleSpec(module.__name__, None)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    text = "Text: nobody (MIT)"
    return ModelEntry(role, "MIT", Publishable.YES, text, module.__name__, memory_mb=memory_mb, device=device, id=model)
