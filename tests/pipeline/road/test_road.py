"""What is asked for is told once."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter

import pytest

from pipeline.road.engine import connect
from pipeline.road.ledger import Ledger
from pipeline.road.workers import ask_to_drain
from pipeline.words.event import Done, Narrated, Queued, Stopped, Written, key_of
from tests.faults.stage import Stage, eventually, heard, wish


async def test_what_is_asked_for_is_told_and_every_step_of_it_heard_in_order(stage: Stage) -> None:
    stage.executor()
    async with stage.door() as door:
        await door.ask(wish("t1"))
        events = await heard(door, "t1")
    kinds = [type(event) for event in events]
    assert kinds == [Written, Narrated] * 4 + [Done]
    assert len(set(map(key_of, events))) == len(events)


async def test_a_killed_executor_goes_on_where_it_was_and_what_was_heard_never_changes(stage: Stage) -> None:
    first = stage.executor(step_s=0.3)
    async with stage.door() as door:
        await door.ask(wish("t1"))
        before = await heard(door, "t1", until=(Narrated,))
        first.send_signal(signal.SIGKILL)
        first.wait()
        stage.executor(step_s=0.05)
        after = await heard(door, "t1")
    assert after[: len(before)] == before
    assert isinstance(after[-1], Done)
    assert max(Counter(stage.ran()).values()) == 1, "no finished step ran again"


async def test_asking_twice_is_asking_once(stage: Stage) -> None:
    stage.executor()
    async with stage.door() as door:
        await asyncio.gather(*(door.ask(wish("t1")) for _ in range(5)))
        assert isinstance((await heard(door, "t1"))[-1], Done)
        await door.ask(wish("t1"))
        await asyncio.sleep(0.5)
    assert max(Counter(stage.ran()).values()) == 1


async def test_a_cancelled_tale_stops_inside_its_step_and_the_next_one_runs(stage: Stage) -> None:
    stage.executor(step_s=60.0)
    async with stage.door() as door:
        await door.ask(wish("t1"))
        await eventually(lambda: "executor_ready" in stage.log())
        await asyncio.sleep(1.0)
        await door.cancel("t1")
        assert await heard(door, "t1") == [Stopped()]
        await door.ask(wish("t2"))
        await asyncio.sleep(1.0)
        await door.cancel("t2")
        assert await heard(door, "t2") == [Stopped()]
        await asyncio.sleep(1.0)
    assert not stage.ran()
    assert "Traceback" not in stage.log(), "nothing broke: somebody changed their mind"


async def test_a_follower_goes_on_after_the_offset_it_knows(stage: Stage) -> None:
    stage.executor()
    async with stage.door() as door:
        await door.ask(wish("t1"))
        told = [one async for one in door.follow("t1") if not isinstance(one.event, Queued)]
        rest = [one async for one in door.follow("t1", told[2].next)]
    assert rest == told[3:]


@pytest.mark.slow
async def test_the_tale_of_a_worker_that_never_comes_back_is_taken_up_by_another(stage: Stage) -> None:
    first = stage.executor("one", step_s=0.3, dead_after_s=6.0, sweep_s=1.0)
    async with stage.door() as door:
        await door.ask(wish("t1"))
        before = await heard(door, "t1", until=(Narrated,))
        stage.executor("two", dead_after_s=6.0, sweep_s=1.0)
        await eventually(lambda: "executor_ready" in stage.log("two"))
        first.send_signal(signal.SIGKILL)
        first.wait()
        after = await asyncio.wait_for(heard(door, "t1"), 60)
    assert after[: len(before)] == before
    assert isinstance(after[-1], Done)
    assert max(Counter(stage.ran()).values()) == 1


@pytest.mark.slow
async def test_a_tale_is_never_taken_from_a_worker_that_still_beats(stage: Stage) -> None:
    stage.executor("one", step_s=3.0, passages=2)
    await eventually(lambda: "executor_ready" in stage.log("one"))
    async with stage.door() as door:
        await door.ask(wish("t1"))
        await asyncio.wait_for(heard(door, "t1", until=(Written,)), 60)
        stage.executor("two", passages=2, dead_after_s=6.0, sweep_s=0.5)
        await asyncio.wait_for(heard(door, "t1"), 60)
    assert sorted(stage.ran()) == sorted(["t1:write:0", "t1:narrate:0", "t1:write:1", "t1:narrate:1", "whole"])


async def test_an_executor_asked_to_go_finishes_its_step_and_hands_the_rest_back(stage: Stage) -> None:
    first = stage.executor(step_s=1.0)
    async with stage.door() as door:
        await door.ask(wish("t1"))
        await heard(door, "t1", until=(Written,))
        first.terminate()
        assert await asyncio.to_thread(first.wait, 20) == 0
        stage.executor(step_s=0.05)
        assert isinstance((await heard(door, "t1"))[-1], Done)
    assert max(Counter(stage.ran()).values()) == 1


async def test_a_step_that_is_cut_short_as_its_executor_goes_is_run_again_by_the_next(stage: Stage) -> None:
    first = stage.executor(step_s=30.0, grace_s=0.2)
    async with stage.door() as door:
        await door.ask(wish("t1"))
        await eventually(lambda: "executor_ready" in stage.log())
        await asyncio.sleep(1.0)
        first.terminate()
        assert await asyncio.to_thread(first.wait, 20) == 0
        stage.executor(step_s=0.05)
        events = await asyncio.wait_for(heard(door, "t1"), 60)
    assert [type(event) for event in events] == [Written, Narrated] * 4 + [Done]


@pytest.mark.slow
async def test_two_workers_with_one_name_on_one_machine_are_one(stage: Stage) -> None:
    stage.executor()
    await eventually(lambda: "executor_ready" in stage.log())
    twin = stage.executor()
    assert await asyncio.to_thread(twin.wait, 30) != 0
    assert "worker_name_taken" in stage.log()
    async with stage.door() as door:
        await door.ask(wish("t1"))
        assert isinstance((await heard(door, "t1"))[-1], Done)


@pytest.mark.slow
async def test_a_drained_worker_ends_its_tale_takes_no_other_and_goes(stage: Stage) -> None:
    first = stage.executor(step_s=0.5)
    async with stage.door() as door:
        await door.ask(wish("t1"))
        await door.ask(wish("t2"))
        await heard(door, "t1", until=(Written,))
        ledger = Ledger(connect(stage.database_url))
        assert ask_to_drain(ledger, "one")
        assert await asyncio.to_thread(first.wait, 40) == 0
        assert isinstance((await heard(door, "t1"))[-1], Done)
        assert not [step for step in stage.ran() if step.startswith("t2")]
        stage.executor(step_s=0.05)
        assert isinstance((await heard(door, "t2"))[-1], Done)
        ledger.engine.dispose()
