"""A polite machine leaves games their card."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence

import pytest

from pipeline.cancelled import Cancelled
from pipeline.shelf.neighbours import QUIET_LOOKS, Neighbours, courteous
from pipeline.shelf.turnstile import LIVE, Errand, Turnstile

# What `nvidia-smi pmon -c 1 -s u` prints: ours computes, a game draws, the desktop idles.
PMON = """# gpu         pid   type     sm    mem    enc    dec    jpg    ofa    command
# Idx           #    C/G      %      %      %      %      %      %    name
    0       {ours}     C     97     40      -      -      -      -    python3
    0       4321     G     {game}     20      -      -      -      -    doom
    0       1200     G      -      -      -      -      -      -    Xorg
"""


class Driver:
    """Answers as nvidia-smi does."""

    def __init__(self, game: str = "-", *, by_process: bool = True, in_all: Sequence[str] = ("0",)) -> None:
        self.game, self.by_process, self.in_all = game, by_process, list(in_all)

    def __call__(self, command: Sequence[str]) -> str:
        if "pmon" in command:
            return PMON.format(ours=os.getpid(), game=self.game) if self.by_process else ""
        return self.in_all.pop(0) if len(self.in_all) > 1 else self.in_all[0]


def looked(driver: Driver, gate: Turnstile | None = None) -> Neighbours:
    return Neighbours(gate or Turnstile(), driver, lambda _s: None)


def test_our_own_work_is_nobody_elses() -> None:
    assert not looked(Driver()).look(Cancelled())


def test_a_game_gets_the_card_until_it_was_quiet_for_a_while() -> None:
    driver = Driver("85")
    neighbours = looked(driver)
    assert neighbours.look(Cancelled())
    driver.game = "3"  # its menu
    assert [neighbours.look(Cancelled()) for _ in range(QUIET_LOOKS)] == [True] * (QUIET_LOOKS - 1) + [False]


def test_a_desktop_that_shows_a_film_is_no_reason() -> None:
    assert not looked(Driver("12")).look(Cancelled())


def test_where_the_driver_names_no_processes_we_stand_still_and_look_twice() -> None:
    ours_lingers = Driver(by_process=False, in_all=("96", "2"))
    assert not looked(ours_lingers).look(Cancelled())
    assert looked(Driver(by_process=False, in_all=("96", "91"))).look(Cancelled())


def test_while_we_stand_still_nobody_of_ours_has_the_card() -> None:
    gate, inside = Turnstile(), threading.Event()
    held: list[bool] = []

    def slept(_s: float) -> None:
        thread = threading.Thread(target=enter)
        thread.start()
        thread.join(0.1)
        held.append(inside.is_set())

    def enter() -> None:
        with gate.passing("writer", Errand(LIVE), Cancelled()):
            inside.set()

    Neighbours(gate, Driver(by_process=False, in_all=("90",)), slept).look(Cancelled())
    assert held == [False]
    assert inside.wait(5)


@pytest.mark.parametrize(
    "said", ["", "garbage", "NVIDIA-SMI has failed because it couldn't communicate with the driver"]
)
def test_a_driver_that_says_nothing_keeps_nobody_from_the_card(said: str) -> None:
    assert not Neighbours(Turnstile(), lambda _command: said, lambda _s: None).look(Cancelled())


def test_while_a_game_runs_the_card_is_left_again_and_again() -> None:
    left = threading.Semaphore(0)
    with courteous(looked(Driver("70")), left.release, every_s=0.01):
        assert left.acquire(timeout=5)
        assert left.acquire(timeout=5)
