"""Trouble ends in a clear word."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from dbos._schemas.system_database import SystemSchema

from pipeline.cancelled import Cancelled
from pipeline.errors import TooBig, Unwell
from pipeline.road.desk import Desk
from pipeline.road.engine import STREAM, connect
from pipeline.road.ledger import Ledger, jobs
from pipeline.road.steps import Durable
from pipeline.road.watch import Running, Watchdog
from pipeline.words.event import Done, Failed, Narrated, Written
from tests.faults.stage import Stage, eventually, heard, wish
from tests.faults.stand_in import NoModels


@pytest.mark.slow
async def test_a_step_that_hangs_costs_a_process_and_fails_the_second_time(stage: Stage) -> None:
    hanging: dict[str, Any] = {"step_s": 60.0, "hangs_after_s": {"": 1.0}}
    async with stage.door() as door:
        await door.ask(wish("t1"))
        for _ in range(2):
            assert await asyncio.to_thread(stage.executor(**hanging).wait, 60) == 75, "whoever keeps it starts it again"
        stage.executor(**hanging)
        told = await asyncio.wait_for(heard(door, "t1"), 60)
    assert told[-1] == Failed("stage_hung", {"stage": "write"})


async def test_a_step_that_crashes_its_process_fails_after_two_deaths_and_alone(stage: Stage) -> None:
    deadly: dict[str, Any] = {"deadly": "t1", "step_s": 1.5, "tales_in_flight": 2}
    async with stage.door() as door:
        await door.ask(wish("beside", server="another"))
        await door.ask(wish("t1"))
        for _ in range(2):
            assert await asyncio.to_thread(stage.executor(**deadly).wait, 60) == -signal.SIGABRT
        stage.executor(**deadly)
        assert (await asyncio.wait_for(heard(door, "t1"), 60))[-1] == Failed("stage_deadly", {"stage": "write"})
        await door.ask(wish("next"))
        for job in ("beside", "next"):
            assert isinstance((await asyncio.wait_for(heard(door, job), 60))[-1], Done), "others tell on"


async def test_however_long_the_store_is_away_a_tale_is_told_when_it_is_back(stage: Stage) -> None:
    away = stage.folder / "depot"
    away.write_text("a file where the folder should be")
    stage.executor(depot=f"file://{away}", patient=False, sweep_s=0.2)
    async with stage.door() as door:
        await door.ask(wish("t1"))
        await eventually(lambda: stage.log().count("handed_back") > 2, 60)
        away.unlink()
        told = await asyncio.wait_for(heard(door, "t1"), 60)
    assert [type(event) for event in told] == [Written, Narrated] * 4 + [Done]


@pytest.mark.faults
async def test_a_worker_that_stood_still_too_long_gives_up_what_others_may_have_taken(stage: Stage) -> None:
    first = stage.executor("one", step_s=2.0, dead_after_s=6.0)
    async with stage.door() as door:
        await door.ask(wish("t1"))
        before = await heard(door, "t1", until=(Written,))
        first.send_signal(signal.SIGSTOP)
        stage.executor("two", step_s=0.05, dead_after_s=6.0, sweep_s=1.0)
        after = await asyncio.wait_for(heard(door, "t1"), 60)
        first.send_signal(signal.SIGCONT)
        await asyncio.sleep(2.0)
        again = await heard(door, "t1")
    assert after[: len(before)] == before
    assert again == after, "what the old one still did was written nowhere"


async def test_a_wish_from_before_an_upgrade_that_no_longer_reads_is_said(stage: Stage) -> None:
    async with stage.door() as door:
        await door.ask(wish("t1"))
        ledger = Ledger(connect(stage.database_url))
        inputs = SystemSchema.workflow_input
        row = ledger.rows(sa.select(inputs.c.inputs))[0][0]
        assert ledger.write(sa.update(inputs).values(inputs=row.replace('"seed"', '"sead"')))
        ledger.engine.dispose()
        stage.executor()
        assert (await asyncio.wait_for(heard(door, "t1"), 60))[-1] == Failed("request_outgrown", {})
    assert "request_unreadable" in stage.log(), "the operator finds the trace"


@pytest.mark.slow
async def test_a_tale_that_waited_or_was_cut_off_under_an_old_version_is_taken_up_by_the_new(stage: Stage) -> None:
    first = stage.executor(step_s=0.3)
    async with stage.door() as door:
        await door.ask(wish("t1"))
        await door.ask(wish("t2"))
        await heard(door, "t1", until=(Written,))
        first.kill()
        first.wait()
        ledger = Ledger(connect(stage.database_url))
        assert ledger.write(sa.update(jobs).where(jobs.c.status == "PENDING").values(application_version="schema-0"))
        ledger.engine.dispose()
        stage.executor()
        for job in ("t1", "t2"):
            assert isinstance((await asyncio.wait_for(heard(door, job), 60))[-1], Done)


async def test_an_event_that_nobody_can_read_deafens_nobody(stage: Stage) -> None:
    async with stage.door() as door:
        for job in ("a", "b"):
            await door.ask(wish(job))
        listening = [asyncio.create_task(heard(door, job)) for job in ("a", "b")]
        ledger = Ledger(connect(stage.database_url))
        row = {"workflow_uuid": "a", "key": STREAM, "offset": 0, "function_id": 0, "serialization": "echotales_json"}
        ledger.write(sa.insert(SystemSchema.streams).values(row | {"value": '{"kind": "of_tomorrow"}'}))
        ledger.engine.dispose()
        stage.executor()
        ended = await asyncio.wait_for(asyncio.gather(*listening), 60)
    assert [type(events[-1]) for events in ended] == [Done, Done]
    assert len(ended[0]) == len(ended[1]), "all else is heard"


def test_a_damaged_database_is_said_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "road.db"
    file.write_bytes(b"this is no database" * 500)
    with pytest.raises(Unwell) as told:
        Desk(f"sqlite:///{file}")
    assert told.value.code == "road_unreadable"
    assert file.read_bytes() == b"this is no database" * 500


def test_a_database_that_is_locked_for_a_while_only_delays(tmp_path: Path) -> None:
    desk = Desk(f"sqlite:///{tmp_path}/road.db")
    holder = connect(f"sqlite:///{tmp_path}/road.db").connect()
    holder.exec_driver_sql("begin immediate")
    asking = threading.Thread(target=desk.ask, args=(wish("t1"),))
    asking.start()
    time.sleep(0.5)
    assert asking.is_alive()
    holder.rollback()
    asking.join(60)
    assert desk._ledger.rows(sa.select(jobs.c.status))[0][0] == "ENQUEUED"
    holder.close()
    desk.close()


class _Unnoted:
    """Notes of a job that nobody takes up again."""

    job = "t1"

    def once(self, _name: str, work: Callable[[], Any]) -> Any:
        return work()


class _Small:
    """A machine that has room after everything left so many times."""

    def __init__(self, fits_after: int) -> None:
        self.left, self._fits_after = 0, fits_after

    def work(self) -> str:
        if self.left < self._fits_after:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return "told"


@pytest.mark.parametrize("fits_after", [1, 2, 3])
def test_out_of_memory_is_tried_leaner_and_then_without_the_card(tmp_path: Path, fits_after: int) -> None:
    small = _Small(fits_after)

    class Lender(NoModels):
        def evict_all(self) -> None:
            small.left += 1

    ledger = Ledger(connect(f"sqlite:///{tmp_path}/road.db"))
    ledger.make()
    watch = Watchdog(ledger, lambda _: None)
    running = Running("t1", check=Cancelled())
    durable = Durable(_Unnoted(), Lender(), None, watch, running, 2, "s")  # type: ignore[arg-type] # nothing is kept
    if fits_after < 3:
        assert durable.studio.once("write", "0", str, small.work) == "told"
    else:
        with pytest.raises(TooBig) as told:
            durable.studio.once("write", "0", str, small.work)
        assert told.value.code == "memory_short"
    assert small.left == min(fits_after, 2)
    ledger.engine.dispose()
