"""One name, one worker, on all machines together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipeline.errors import Unwell
from pipeline.road.desk import Desk
from pipeline.road.engine import connect
from pipeline.road.ledger import Ledger, jobs, workers
from pipeline.road.workers import Janitor, enrol
from tests.faults.stage import wish


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(connect(f"sqlite:///{tmp_path}/road.db"))
    made.make()
    yield made
    made.engine.dispose()


def _is_elsewhere(ledger: Ledger) -> None:
    ledger.write(sa.update(workers).values(host="another machine"))


def test_a_name_that_beats_on_another_machine_is_refused(ledger: Ledger) -> None:
    elsewhere = enrol(ledger, "one")
    _is_elsewhere(ledger)

    def beaten_meanwhile(_seconds: float) -> None:
        elsewhere.beat()

    with pytest.raises(Unwell, match="worker_name_taken"):
        enrol(ledger, "one", sleep=beaten_meanwhile)
    assert elsewhere.beat(), "it keeps its place"


def test_a_name_that_beats_no_more_is_taken_over_and_the_old_one_may_write_nothing(ledger: Ledger) -> None:
    elsewhere = enrol(ledger, "one")
    _is_elsewhere(ledger)
    newer = enrol(ledger, "one", sleep=lambda _: None)
    assert newer.number > elsewhere.number
    assert elsewhere.beat() is None
    assert newer.beat()


def test_a_job_that_no_thread_works_on_any_more_waits_again_but_not_one_just_claimed(ledger: Ledger) -> None:
    desk = Desk(ledger.engine.url.render_as_string())
    for job in ("lost", "working"):
        desk.ask(wish(job))
    ledger.write(sa.update(jobs).values(status="PENDING", executor_id="one#1"))
    janitor = Janitor(ledger, "one#1")
    assert janitor.pick_up(["working"]) == 0, "it may have been claimed this very moment"
    assert janitor.pick_up(["working"]) == 1
    states = dict(ledger.rows(sa.select(jobs.c.workflow_uuid, jobs.c.status)))
    assert states == {"lost": "ENQUEUED", "working": "PENDING"}
    desk.close()
