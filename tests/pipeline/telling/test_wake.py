"""Models come before anybody waits for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled
from pipeline.telling.wake import wake
from pipeline.words.prompt import Prompt
from tests.pipeline.telling.studios import SHORT, tiny, told


@pytest.mark.slow
def test_a_woken_shelf_loads_nothing_for_its_first_tale(tmp_path: Path) -> None:
    with tiny() as here:
        wake(here.shelf, "en", Cancelled())
        assert len(here.shelf.warm) == 4
        loaded_s = here.shelf.load_s
        told(here, Prompt(SHORT, 7, words=40), tmp_path)
        assert here.shelf.load_s == loaded_s


def test_whoever_goes_while_models_come_does_not_wait_for_all() -> None:
    check = Cancelled()
    check.set()
    with tiny() as here:
        with pytest.raises(TaleCancelled):
            wake(here.shelf, "en", check)
        assert here.shelf.warm == ()
