"""What happens when a card is full."""

from __future__ import annotations

import os
from typing import Any

import pytest

from pipeline.cancelled import Cancelled
from pipeline.errors import TooBig
from pipeline.roles import Needs
from pipeline.shelf.attic import LEFT_MB, Attic
from pipeline.shelf.card import GraphicsCard
from pipeline.shelf.ladder import CARDLESS, LEAN, Ladder
from pipeline.shelf.shelf import Device, Offer, Shelf
from pipeline.telling.in_memory import InMemory
from tests.bench.gpu import process_mb
from tests.pipeline.shelf.paper_card import PaperCard, Sleeper, Weight

CUDA, CPU = "cuda:0", "cpu"
PROFILE_MB = 4_900.0


class Writer: ...


class Narrator:
    def work(self, megabytes: float) -> str:
        raise NotImplementedError


class Composer: ...


SIZES = {"Writer": 4_100.0, "Narrator": 1_900.0, "Composer": 2_100.0}
WORK_MB = 300.0


def shelf_of(card: PaperCard, kind: type[Weight] = Weight, spare_mb: float = 0.0) -> Shelf:
    """Each role on the card first, then by a small model that needs none."""

    def offers(role: type[Any], needs: Needs) -> list[Offer]:
        name, rung = role.__name__, needs.get("rung", 0)
        size = SIZES[name]
        big = Offer(name.lower(), CUDA, size, lambda: kind(card, size), WORK_MB, bool(rung))
        small = Offer(f"small-{name.lower()}", CPU, 100.0, lambda: Weight(PaperCard(1e6), 100.0))
        return [small] if rung == CARDLESS else [big, small]

    budget = GraphicsCard(PROFILE_MB, card).budget()
    plenty = GraphicsCard(16_000.0, PaperCard(total_mb=16_000.0)).budget()
    return Shelf(offers, {CUDA: Device(budget), CPU: Device(plenty)}, Attic(lambda: spare_mb))


def borrowed(shelf: Shelf, role: type[Any], **needs: Any) -> Any:
    with shelf.borrow(role, Cancelled(), None, **needs) as model:
        return model


def test_models_come_one_after_the_other_and_the_card_never_holds_more_than_the_profile() -> None:
    card = PaperCard()
    shelf = shelf_of(card)
    most_mb = 0.0
    roles: tuple[type[Any], ...] = (Writer, Narrator, Composer) * 17
    for role in roles:
        with shelf.borrow(role, Cancelled()) as model:
            model.work(WORK_MB)
            most_mb = max(most_mb, card.pool_mb)
    assert most_mb <= PROFILE_MB
    assert shelf.warm == ("narrator", "composer"), "two that fit beside each other stay"
    shelf.close()
    assert (card.allocated_mb, card.pool_mb) == (0.0, 0.0), "fifty tales later nothing is left"


def test_on_a_desktop_the_budget_is_what_is_free_at_this_moment() -> None:
    card = PaperCard(others_mb=4_000.0)
    shelf = shelf_of(card)
    assert isinstance(borrowed(shelf, Narrator), Weight)
    borrowed(shelf, Writer)
    assert shelf.warm == ("narrator", "small-writer"), "3.6 GB are free: its stand-in serves"
    card.others_mb = 0.0
    borrowed(shelf, Writer)
    assert "writer" in shelf.warm, "the other program went, and the card is asked anew"


def test_torch_is_held_to_what_is_free_so_that_nothing_spills() -> None:
    card = PaperCard(others_mb=3_000.0)
    shelf = shelf_of(card)
    borrowed(shelf, Writer)
    assert card.share * card.total_mb == pytest.approx(8_000.0 - 3_000.0 - card.context_mb)
    card.others_mb = 0.0
    borrowed(shelf, Writer)
    assert card.share * card.total_mb == pytest.approx(PROFILE_MB), "never beyond the profile"


def test_a_warm_model_whose_card_was_taken_leaves_and_the_stand_in_serves() -> None:
    card = PaperCard()
    shelf = shelf_of(card)
    borrowed(shelf, Writer)
    card.others_mb = 7_000.0
    borrowed(shelf, Writer)
    assert shelf.warm == ("small-writer",)
    assert card.pool_mb == 0.0, "the game gets all of it"


def test_models_rest_in_memory_between_two_stages_and_come_back_the_same() -> None:
    card = PaperCard()
    shelf = shelf_of(card, Sleeper, spare_mb=LEFT_MB + 5_000.0)
    writer = borrowed(shelf, Writer)
    borrowed(shelf, Narrator)
    assert writer.dozes
    assert borrowed(shelf, Writer) is writer
    assert not writer.dozes
    shelf.close()
    assert writer.closed
    assert card.pool_mb == 0.0


def test_without_spare_memory_models_are_closed_and_read_anew() -> None:
    card = PaperCard()
    shelf = shelf_of(card, Sleeper, spare_mb=LEFT_MB)
    writer = borrowed(shelf, Writer)
    borrowed(shelf, Narrator)
    assert writer.closed
    assert borrowed(shelf, Writer) is not writer


class _Tale:
    """Steps of a tale on a card with so much room for work."""

    def __init__(self, card: PaperCard) -> None:
        self.shelf = shelf_of(card)
        self.studio = InMemory(self.shelf, None, lambda _event: None, Cancelled()).studio  # type: ignore[arg-type] # nothing is kept

    def step(self, work_mb: float) -> str:
        def work() -> str:
            with self.studio.borrow(Narrator) as narrator:
                return f"{self.shelf.used['Narrator']} {narrator.work(work_mb)}"

        return self.studio.once("narrate", "0", str, work)


def test_out_of_memory_is_tried_leaner_and_then_without_the_card() -> None:
    tale = _Tale(PaperCard(total_mb=6_000.0, context_mb=0.0))
    assert tale.step(2_000.0) == "narrator done"
    assert tale.step(4_000.0) == "narrator done", "half of it fits: leaner"
    assert tale.step(9_000.0) == "small-narrator done"
    assert tale.step(100.0) == "small-narrator done", "one tale, one voice: the card is not tried again"


def test_rungs_belong_to_the_thread_that_climbs() -> None:
    told: list[Needs] = []
    ladder = Ladder(shelf_of(PaperCard()), "t1")

    def work() -> str:
        told.append(ladder.needs())
        if len(told) < 3:
            raise MemoryError
        return "done"

    assert ladder.climb(work) == "done"
    assert told == [{}, {"rung": LEAN}, {"rung": CARDLESS}]
    assert ladder.needs() == {}


def test_what_is_no_shortage_of_memory_climbs_nowhere() -> None:
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        Ladder(shelf_of(PaperCard()), "t1").climb(work)
    assert len(tries) == 1


def test_a_load_that_runs_out_of_memory_is_tried_once_more_and_then_passed_over() -> None:
    card = PaperCard()
    opened: list[str] = []

    def greedy() -> Weight:
        opened.append("greedy")
        return Weight(card, 90_000.0)

    budget = GraphicsCard(PROFILE_MB, card).budget()
    offers = [Offer("greedy", CUDA, 10.0, greedy), Offer("modest", CUDA, 10.0, lambda: Weight(card, 100.0))]
    shelf = Shelf(lambda _role, _needs: offers, {CUDA: Device(budget)})
    borrowed(shelf, Writer)
    assert opened == ["greedy", "greedy"]
    assert shelf.warm == ("modest",)
    with pytest.raises(TooBig):
        borrowed(Shelf(lambda _role, _needs: offers[:1], {CUDA: Device(budget)}), Writer)


def test_the_drivers_own_figure_counts_the_context_too() -> None:
    card = GraphicsCard(PROFILE_MB, PaperCard(others_mb=1_000.0, context_mb=500.0))
    told = f"{os.getpid()}, 2048\n1, 900\n"
    assert process_mb(card, lambda _command: told) == pytest.approx(2_147.5, abs=0.1)
    assert process_mb(card, lambda _command: f"{os.getpid()}, [N/A]\n") == pytest.approx(1_500.0), (
        "Windows does not say"
    )
