"""One thread for everybody."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.voice.player.audio_worker import Blocks

WITHIN_S = 60.0


@dataclass
class Hungry:
    """Wants so many frames."""

    wants: int
    ahead: int = 0
    threads: set[int] = field(default_factory=set)
    order: list[int] = field(default_factory=list)
    name: int = 0

    @property
    def short(self) -> bool:
        return self.ahead < self.wants

    def make(self) -> None:
        self.ahead += 1
        self.threads.add(threading.get_ident())
        self.order.append(self.name)


def served(*makers: Hungry) -> None:
    until_s = time.monotonic() + WITHIN_S
    while any(one.short for one in makers):
        assert time.monotonic() < until_s
        time.sleep(0.001)


def test_one_thread_serves_everybody() -> None:
    makers = [Hungry(50) for _ in range(20)]
    blocks = Blocks()
    for each in makers:
        blocks.add(each)
    served(*makers)
    blocks.close()
    assert len(set.union(*(each.threads for each in makers))) == 1


def test_who_has_least_is_served_first() -> None:
    order: list[int] = []
    rich, poor = Hungry(20, ahead=10, order=order, name=1), Hungry(20, order=order, name=2)
    blocks = Blocks()
    rich.wants = poor.wants = 0
    blocks.add(rich)
    blocks.add(poor)
    poor.wants = rich.wants = 20
    served(rich, poor)
    blocks.close()
    assert order[:10] == [2] * 10


def test_who_has_left_is_not_served() -> None:
    blocks = Blocks()
    gone, here = Hungry(0), Hungry(0)
    blocks.add(gone)
    blocks.add(here)
    blocks.remove(gone)
    gone.wants = here.wants = 3
    blocks.wake()
    served(here)
    blocks.close()
    assert gone.ahead == 0


@dataclass
class Broken(Hungry):
    """Its file is gone."""

    def make(self) -> None:
        super().make()
        raise FileNotFoundError(2, "gone", "stem.wav")


def test_who_breaks_ends_alone_and_everybody_else_is_served() -> None:
    blocks = Blocks()
    broken, here = Broken(50), Hungry(50)
    blocks.add(broken)
    blocks.add(here)
    served(here)
    later = Hungry(50)
    blocks.add(later)
    served(later)
    blocks.close()
    assert broken.ahead == 1


ANY = (ValueError, KeyError, OSError, FileNotFoundError, MemoryError, RecursionError, StopIteration, AssertionError)


@dataclass
class Raising(Hungry):
    """Makes so many frames, then raises."""

    error: type[Exception] = ValueError

    def make(self) -> None:
        if self.ahead >= self.wants // 2:
            raise self.error("of a maker")
        super().make()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ANY), st.integers(0, 4)), max_size=6))
def test_no_exception_of_any_maker_ends_the_thread_that_serves_all(broken: list[tuple[type[Exception], int]]) -> None:
    blocks, healthy = Blocks(), Hungry(10)
    for error, wants in broken:
        blocks.add(Raising(wants, error=error))
    blocks.add(healthy)
    served(healthy)
    healthy.wants = 20
    blocks.wake()
    served(healthy)
    blocks.close()
