"""What the shelf promises about memory."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from pipeline.cancelled import Cancelled
from pipeline.errors import Missing, TaleCancelled, TooBig, Unwell
from pipeline.roles import Needs
from pipeline.shelf.budget import Budget, resident_mb
from pipeline.shelf.shelf import Device, Offer, Shelf


class Memory:
    """A device that counts what is loaded."""

    def __init__(self) -> None:
        self.used_mb = 0.0

    def model(self, size_mb: float) -> Model:
        return Model(self, size_mb)


class Model:
    def __init__(self, memory: Memory, size_mb: float) -> None:
        self.memory, self.size_mb = memory, size_mb
        memory.used_mb += size_mb

    def close(self) -> None:
        self.memory.used_mb -= self.size_mb


class Writer: ...


class Narrator: ...


class Composer: ...


SIZES = {"Writer": 100.0, "Narrator": 60.0, "Composer": 50.0}


def shelf_of(most_mb: float, guess: float | None = None) -> tuple[Shelf, Memory]:
    memory = Memory()

    def offers(role: type[Any], needs: Needs) -> list[Offer]:
        size = SIZES.get(role.__name__)
        if size is None:
            return []
        return [Offer(role.__name__.lower(), "cpu", guess or size, lambda: memory.model(size))]

    return Shelf(offers, {"cpu": Device(Budget(most_mb, lambda: memory.used_mb))}), memory


def test_a_model_stays_warm_after_its_block() -> None:
    shelf, memory = shelf_of(200)
    with shelf.borrow(Writer, Cancelled()) as first:
        pass
    with shelf.borrow(Writer, Cancelled()) as second:
        assert first is second
    assert memory.used_mb == 100


def test_the_longest_unused_leaves_before_the_device_is_over_budget() -> None:
    shelf, memory = shelf_of(170)
    for role in (Writer, Narrator, Writer, Composer):
        with shelf.borrow(role, Cancelled()):
            assert memory.used_mb <= 170
    assert shelf.warm == ("writer", "composer")


def test_a_borrow_inside_a_borrow_that_cannot_fit_raises_and_keeps_its_sister() -> None:
    shelf, memory = shelf_of(120)
    with shelf.borrow(Writer, Cancelled()):
        with pytest.raises(TooBig) as told, shelf.borrow(Narrator, Cancelled()):
            pass
        assert told.value.code == "budget_short"
        assert memory.used_mb == 100


def test_the_budget_learns_what_a_model_really_takes() -> None:
    shelf, memory = shelf_of(170, guess=10)
    for role in (Writer, Narrator):
        with shelf.borrow(role, Cancelled()):
            pass
    assert memory.used_mb == 160
    with shelf.borrow(Composer, Cancelled()):
        pass
    assert memory.used_mb == 110, "the guess of 10 let Composer in beside Narrator only after Writer left"


def test_everything_is_freed_on_every_path() -> None:
    shelf, memory = shelf_of(500)
    with pytest.raises(ZeroDivisionError), shelf.borrow(Writer, Cancelled()):
        raise ZeroDivisionError
    stopped = Cancelled()
    stopped.set()
    with pytest.raises(TaleCancelled), shelf.borrow(Narrator, stopped):
        pass
    shelf.evict_all()
    assert memory.used_mb == 0


def test_a_role_nobody_serves_is_said() -> None:
    shelf, _ = shelf_of(500)
    with pytest.raises(Missing) as told, shelf.borrow(str, Cancelled(), language="pt"):
        pass
    assert told.value.code == "role_unserved"


def test_the_next_offer_serves_when_the_first_cannot_be_read() -> None:
    memory = Memory()

    def broken() -> Model:
        raise OSError("truncated")

    offers = [Offer("first", "cpu", 10, broken), Offer("second", "cpu", 10, lambda: memory.model(10))]
    device = Device(Budget(100, lambda: memory.used_mb))
    shelf = Shelf(lambda role, needs: offers, {"cpu": device})
    with shelf.borrow(Writer, Cancelled()):
        assert shelf.used == {"Writer": "second"}
    alone = Shelf(lambda role, needs: offers[:1], {"cpu": device})
    with pytest.raises(Unwell), alone.borrow(Writer, Cancelled()):
        pass


def test_resident_memory_is_really_measured() -> None:
    gc.collect()
    before = resident_mb()
    ballast = bytearray(300_000_000)
    ballast[::4096] = b"x" * len(ballast[::4096])
    assert 200 < resident_mb() - before < 400
    del ballast
