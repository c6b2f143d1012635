"""The bot's loop is answered at once."""

from __future__ import annotations

import gc
import sys

from bot.client import attentive, settled, unsettled


def test_threads_give_way_soon_while_the_bot_lives() -> None:
    before_s = sys.getswitchinterval()
    with attentive():
        assert sys.getswitchinterval() <= 0.001
    assert sys.getswitchinterval() == before_s


def test_what_stands_is_passed_over_and_may_go_again() -> None:
    try:
        settled()
        assert gc.get_freeze_count() > 10_000
    finally:
        unsettled()
    assert gc.get_freeze_count() == 0
