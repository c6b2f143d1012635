"""Who held the loop is told rightly."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from pipeline.places import CHECKOUT
from tests.faults.hostile.gaps import Gaps

WORKS_S = 0.2
_CODE = """
async def works(clock, until):
    while clock() < until:
        pass
"""


def _works(file: str) -> Callable[..., None]:
    names: dict[str, Callable[..., None]] = {}
    exec(compile(_CODE, str(CHECKOUT / file), "exec"), names)
    return names["works"]


@pytest.mark.parametrize("file", ["bot/somewhere.py", "pipeline/somewhere.py"])
async def test_what_the_bots_code_computes_in_one_step_is_told_in_full(file: str) -> None:
    gaps = Gaps()
    with gaps.watched():
        await asyncio.create_task(_works(file)(time.thread_time, time.thread_time() + WORKS_S))  # type: ignore[arg-type] # made of a text
    assert gaps.worst_ms > 1000 * WORKS_S * 0.7
    assert file in "".join(gaps.told)


async def test_what_somebody_elses_code_computes_is_not_the_bots() -> None:
    gaps = Gaps()
    with gaps.watched():
        await asyncio.create_task(_works("tests/somewhere.py")(time.thread_time, time.thread_time() + WORKS_S))  # type: ignore[arg-type] # made of a text
    assert gaps.told == []


async def test_a_loop_that_does_nothing_is_measured_beside_it() -> None:
    gaps = Gaps()
    with gaps.watched():
        await asyncio.sleep(1.0)
    assert gaps.bare_ms > 0
