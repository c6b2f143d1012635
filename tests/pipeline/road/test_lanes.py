"""Nobody starves, nobody floods."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipeline.errors import Refused
from pipeline.road.desk import Desk
from pipeline.road.engine import connect
from pipeline.road.lanes import CPU, GPU, LIVE, SHORT, UPLOAD, WHOLE, Limits, lane_of, places
from pipeline.road.ledger import Ledger, jobs, spent
from pipeline.road.workers import bring_over, enrol
from pipeline.words.event import Done, Queued, Written
from pipeline.words.prompt import Prompt
from pipeline.words.request import Asked, Explain, Sample, Tell
from tests.faults.stage import Stage, eventually, heard, wish


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(f"sqlite:///{tmp_path}/road.db", Limits(member=2, server=60, bot=80))
    yield made
    made.close()


def _order(tmp_path: Path) -> list[str]:
    ledger = Ledger(connect(f"sqlite:///{tmp_path}/road.db"))
    query = sa.select(jobs.c.workflow_uuid).where(jobs.c.status == "ENQUEUED")
    return [row[0] for row in ledger.rows(query.order_by(jobs.c.priority, jobs.c.created_at))]


def test_a_server_that_queues_fifty_does_not_delay_anothers_first(desk: Desk, tmp_path: Path) -> None:
    for number in range(50):
        desk.ask(wish(f"many-{number}", server="many"))
    desk.ask(wish("few-0", server="few"))
    desk.ask(wish("few-1", server="few"))
    order = _order(tmp_path)
    assert order.index("few-0") <= 1
    assert order.index("few-1") <= 3
    assert [name for name in order if name.startswith("many")] == [f"many-{number}" for number in range(50)]


def test_two_wishes_at_the_same_moment_do_not_pass_a_limit_of_one(tmp_path: Path) -> None:
    desks = [Desk(f"sqlite:///{tmp_path}/road.db", Limits(member=1)) for _ in range(2)]
    together = threading.Barrier(len(desks))

    def ask(nth: int, round_: int) -> bool:
        together.wait(10)
        try:
            desks[nth].ask(Asked(f"{round_}-{nth}", Tell(Prompt("x", 1)), "s", f"member {round_}"))
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(len(desks)) as pool:
        for round_ in range(20):
            taken = [pool.submit(ask, nth, round_) for nth in range(len(desks))]
            assert [one.result() for one in taken].count(True) == 1
    for desk in desks:
        desk.close()


def test_limits_are_a_clear_answer_and_end_with_the_tale(desk: Desk) -> None:
    for number in range(2):
        desk.ask(Asked(f"t{number}", Tell(Prompt("x", 1)), "s", "member"))
    with pytest.raises(Refused) as told:
        desk.ask(Asked("t2", Tell(Prompt("x", 1)), "s", "member"))
    assert (told.value.code, told.value.fields) == ("member_has_enough", {"most": 2})
    desk.cancel("t0")
    desk.ask(Asked("t2", Tell(Prompt("x", 1)), "s", "member"))
    for number in range(58):
        desk.ask(wish(f"more-{number}", server="s"))
    with pytest.raises(Refused, match="server_has_enough"):
        desk.ask(wish("late", server="s"))
    for number in range(20):
        desk.ask(wish(f"other-{number}", server="other"))
    with pytest.raises(Refused, match="bot_has_enough"):
        desk.ask(wish("last", server="third"))


def test_what_is_heard_live_short_or_uploaded_waits_apart() -> None:
    prompt = Prompt("x", 1)
    assert [lane_of(one) for one in (Tell(prompt, live=True), Explain("x", "en"), Tell(prompt))] == [
        LIVE,
        SHORT,
        UPLOAD,
    ]


def test_the_estimate_comes_from_what_tales_really_took(desk: Desk, tmp_path: Path) -> None:
    for number in range(3):
        desk.ask(wish(f"t{number}", words=100))
    ledger = Ledger(connect(f"sqlite:///{tmp_path}/road.db"))
    assert places(ledger, ["t2"]) == {"t2": Queued(2, 0.0, 0.0)}, "nothing was measured yet"
    took = [{"stage": WHOLE, "words": 100, "seconds": seconds} for seconds in (40.0, 50.0, 60.0)]
    ledger.write(sa.insert(spent).values(took))
    told = places(ledger, ["t2"])["t2"]
    assert 3 * 40 <= told.least_s < told.most_s <= 3 * 60


@pytest.mark.slow
async def test_who_waits_hears_the_place_move(stage: Stage) -> None:
    async with stage.door() as door:
        for number in range(3):
            await door.ask(wish(f"t{number}"))
        following = asyncio.create_task(heard(door, "t2", places=True))
        await asyncio.sleep(1.0)
        stage.executor(step_s=0.1)
        events = await asyncio.wait_for(following, 60)
    told = [event.place for event in events if isinstance(event, Queued)]
    assert told[0] == 2
    assert told == sorted(told, reverse=True)
    assert isinstance(events[-1], Done)


async def test_a_short_errand_does_not_wait_for_a_tale(stage: Stage) -> None:
    stage.executor(held="t1:narrate:0")
    async with stage.door() as door:
        await door.ask(wish("t1"))
        await heard(door, "t1", until=(Written,))
        await door.ask(Asked("why", Explain("a happy day", "en"), "s"))
        first = await asyncio.wait_for(heard(door, "why"), 60)
        assert isinstance(first[-1], Done)
        assert "t1:narrate:0" not in stage.ran(), "the tale is still at work"
        (stage.folder / "go").touch()
        assert isinstance((await asyncio.wait_for(heard(door, "t1"), 60))[-1], Done)


def test_tales_go_to_the_card_where_one_is_at_work_and_to_whoever_lives_where_it_is_gone(tmp_path: Path) -> None:
    ledger = Ledger(connect(f"sqlite:///{tmp_path}/road.db"))
    ledger.make()
    desk = Desk(f"sqlite:///{tmp_path}/road.db")
    enrol(ledger, "small", CPU)
    desk.ask(wish("before"))
    card = enrol(ledger, "large", GPU)
    for job, request in (("tale", Tell(Prompt("x", 1))), ("why", Explain("x", "en")), ("voice", Sample("v", "en"))):
        desk.ask(Asked(job, request, "s"))
    assert _queued(ledger) == {"before": "upload.cpu", "tale": "upload.gpu", "why": "short.cpu", "voice": "short.gpu"}
    card.leave()
    assert bring_over(ledger, CPU, ["small"]) == 2
    assert {queue.rpartition(".")[2] for queue in _queued(ledger).values()} == {CPU}
    assert bring_over(ledger, CPU, ["small"]) == 0
    desk.close()
    ledger.engine.dispose()


def _queued(ledger: Ledger) -> dict[str, str]:
    return {row[0]: row[1] for row in ledger.rows(sa.select(jobs.c.workflow_uuid, jobs.c.queue_name))}


@pytest.mark.slow
async def test_a_worker_takes_no_job_of_another_kind_of_device(stage: Stage) -> None:
    for name, kind in (("small", CPU), ("large", GPU)):
        stage.executor(name, kind=kind)
        await eventually(lambda name=name: "executor_ready" in stage.log(name))
    async with stage.door() as door:
        for number in range(4):
            await door.ask(wish(f"t{number}"))
            await door.ask(Asked(f"why{number}", Explain("a happy day", "en"), "s"))
        for number in range(4):
            for job in (f"t{number}", f"why{number}"):
                assert isinstance((await asyncio.wait_for(heard(door, job), 60))[-1], Done)
    ledger = Ledger(connect(stage.database_url))
    rows = ledger.rows(sa.select(jobs.c.workflow_uuid, jobs.c.executor_id))
    told_by = {row[0]: row[1].partition("#")[0] for row in rows}
    ledger.engine.dispose()
    assert {told_by[f"t{number}"] for number in range(4)} == {"large"}
    assert {told_by[f"why{number}"] for number in range(4)} == {"small"}
