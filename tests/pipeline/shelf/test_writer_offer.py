"""What better writer is offered, and to whom."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest

from pipeline.errors import Missing, Unwell
from pipeline.places import Places
from pipeline.settings import Settings
from pipeline.shelf.better_writer import (
    decline_writer,
    note_pace,
    offer_for,
    room_mb,
    taken_up,
    tale_seconds,
    want_writer,
)
from pipeline.shelf.manifest import Manifest
from pipeline.shelf.weights import ensure
from tests.pipeline.shelf.two_writers import (
    EMBEDDED,
    HOUSE,
    PROFILE,
    QUICK,
)


def test_the_largest_that_memory_carries_is_offered_with_its_size_and_pace(places: Places) -> None:
    def offered(free_mb: float) -> str:
        offer = offer_for(HOUSE, Settings(), EMBEDDED, places, 220, lambda: free_mb)
        return offer.entry.id if offer else ""

    assert [offered(free_mb) for free_mb in (3_000, 5_200, 16_000)] == ["", "qwen3-4b", "gemma-4-e4b"]
    note_pace(places, 20.0)
    offer = offer_for(HOUSE, Settings(), EMBEDDED, places, 220, lambda: 16_000)
    assert offer is not None
    assert offer.fetch_bytes == 4_977_169_568
    assert offer.tale_s == tale_seconds(offer.entry, HOUSE["qwen2.5-coder-1.5b"], 220, 20.0) > 60
    note_pace(places, 2.0)
    slow = offer_for(HOUSE, Settings(), EMBEDDED, places, 220, lambda: 16_000)
    assert slow is not None
    assert slow.entry.memory_mb < offer.entry.memory_mb, "too slow here: a smaller one is offered"


def test_nobody_is_asked_twice_nor_offline_nor_beside_a_choice_of_their_own(places: Places) -> None:
    assert offer_for(HOUSE, Settings(offline=True), EMBEDDED, places, 220, lambda: 16_000) is None
    assert offer_for(HOUSE, Settings(writer="endpoint"), EMBEDDED, places, 220, lambda: 16_000) is None
    decline_writer(places, "gemma-4-e4b")
    offer = offer_for(HOUSE, Settings(), EMBEDDED, places, 220, lambda: 16_000)
    assert offer is not None
    assert offer.entry.id == "gemma-4-e2b"
    want_writer(places, "qwen3-4b")
    assert offer_for(HOUSE, Settings(), EMBEDDED, places, 220, lambda: 16_000) is None


def test_a_full_disk_is_offered_nothing(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**9))
    assert offer_for(HOUSE, Settings(), EMBEDDED, places, 220, lambda: 16_000) is None
    with pytest.raises(Unwell, match="disk_short"):
        ensure([HOUSE["qwen3-4b"]], places, Settings(), watch=QUICK)


def test_a_budget_that_the_operator_set_stays(house: Manifest) -> None:
    assert room_mb(PROFILE, house, Settings(), None) == 1200
    assert room_mb(PROFILE, house, Settings(), house["better"]) == 1200 + 300 - house["small"].memory_mb
    assert room_mb(PROFILE, house, Settings(budget_gb=1.0), house["better"]) == 1200


def test_terms_that_nobody_accepted_are_not_taken_up(places: Places) -> None:
    want_writer(places, "lfm2-2.6b")
    assert taken_up(HOUSE, Settings(), places) is None
    with pytest.raises(Missing, match="licence_unaccepted"):
        ensure([HOUSE["lfm2-2.6b"]], places, Settings(), watch=QUICK)
