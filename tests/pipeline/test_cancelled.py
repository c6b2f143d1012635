"""One object stops everything."""

from __future__ import annotations

import threading

import pytest

from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled


def test_calling_it_raises_only_once_it_is_set() -> None:
    cancelled = Cancelled()
    cancelled()
    cancelled.set()
    with pytest.raises(TaleCancelled):
        cancelled()


def test_a_brake_is_pulled_from_the_asking_thread() -> None:
    cancelled = Cancelled()
    pulled = threading.Event()
    with cancelled.watch(pulled.set):
        thread = threading.Thread(target=cancelled.set)
        thread.start()
        assert pulled.wait(5)
        thread.join()


def test_a_brake_that_comes_late_is_pulled_at_once_and_never_after_its_block() -> None:
    cancelled = Cancelled()
    pulls: list[int] = []
    with cancelled.watch(lambda: pulls.append(1)):
        pass
    cancelled.set()
    assert pulls == []
    with cancelled.watch(lambda: pulls.append(2)):
        assert pulls == [2]
    cancelled.set()
    assert pulls == [2]
