"""What is asked for is told once."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter

from pipeline.words.event import Done, Narrated, Stopped, Written, key_of
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
    assert not stage.ran()


async def test_a_follower_goes_on_after_the_offset_it_knows(stage: Stage) -> None:
    stage.executor()
    async with stage.door() as door:
        await door.ask(wish("t1"))
        told = [one async for one in door.follow("t1")]
        rest = [one async for one in door.follow("t1", told[2].next)]
    assert rest == told[3:]
