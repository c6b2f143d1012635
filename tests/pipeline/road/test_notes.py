"""What was noted stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from dbos._error import DBOSWorkflowConflictIDError
from dbos._schemas.system_database import SystemSchema

from pipeline.errors import Refused
from pipeline.road.dbos_inside import HandedBack, System
from pipeline.road.desk import Desk
from pipeline.road.engine import _system, connect
from pipeline.road.ledger import Ledger, jobs, streams
from pipeline.road.notes import Notes
from pipeline.words.event import SceneFelt, StageStarted
from pipeline.words.jsonable import event_to_json
from pipeline.words.mood import Emotion, Mood
from tests.faults.stage import wish

FELT = SceneFelt(0, Mood.pure(Emotion.JOY))
_steps = SystemSchema.operation_outputs


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """With one job that waits."""
    made = Ledger(connect(f"sqlite:///{tmp_path}/road.db"))
    made.make()
    desk = Desk(f"sqlite:///{tmp_path}/road.db")
    desk.ask(wish("t1"))
    desk.close()
    yield made
    made.engine.dispose()


@pytest.fixture
def system(ledger: Ledger) -> System:
    return _system(ledger.engine)


def _never() -> Any:
    raise AssertionError("it was done before")


def _published(ledger: Ledger) -> list[tuple[int, str]]:
    rows = ledger.rows(sa.select(streams.c.offset, streams.c.value).order_by(streams.c.offset))
    return [(offset, json.loads(value)["kind"]) for offset, value in rows]


def test_a_step_is_done_once_and_an_event_said_once_however_often_the_job_begins(
    ledger: Ledger, system: System
) -> None:
    first = Notes(system, "t1")
    assert first.once("write:0", lambda: {"text": "a"}) == {"text": "a"}
    first.say(FELT)
    again = Notes(system, "t1")
    assert again.once("write:0", _never) == {"text": "a"}
    again.say(FELT)
    assert again.once("write:1", lambda: {"text": "b"}) == {"text": "b"}
    again.say(StageStarted("mix"))
    assert _published(ledger) == [(0, "scene_felt"), (1, "stage_started")]
    assert [row[0] for row in ledger.rows(sa.select(_steps.c.function_name))] == ["write:0", "write:1"]


def test_steps_of_one_name_come_again_in_their_order(system: System) -> None:
    first = Notes(system, "t1")
    for number in range(3):
        first.once("feel:0", partial(int, number))
    again = Notes(system, "t1")
    assert [again.once("feel:0", _never) for _ in range(3)] == [0, 1, 2]


def test_what_a_step_failed_with_it_fails_with_again(system: System) -> None:
    def refuses() -> Any:
        raise Refused("style_unknown", style="x", known="y")

    for work in (refuses, _never):
        with pytest.raises(Refused) as told:
            Notes(system, "t1").once("plan:0", work)
        assert (told.value.code, told.value.fields) == ("style_unknown", {"style": "x", "known": "y"})


def test_a_step_that_was_handed_back_or_met_a_sick_database_is_noted_as_nothing(ledger: Ledger, system: System) -> None:
    for trouble in (HandedBack("t1"), sa.exc.OperationalError("select", {}, OSError("gone"))):

        def stops(trouble: BaseException = trouble) -> Any:
            raise trouble

        with pytest.raises(type(trouble)):
            Notes(system, "t1").once("write:0", stops)
    assert not ledger.rows(sa.select(_steps.c.function_name))
    assert Notes(system, "t1").once("write:0", lambda: 1) == 1


def test_whoever_lost_the_job_notes_and_says_nothing_more(ledger: Ledger, system: System) -> None:
    lost = Notes(system, "t1")
    lost._token = "mine"
    ledger.write(sa.update(jobs).values(owner_xid="another's"))
    with pytest.raises(DBOSWorkflowConflictIDError):
        lost.once("write:0", lambda: 1)
    with pytest.raises(DBOSWorkflowConflictIDError):
        lost.say(FELT)
    assert not _published(ledger)
    assert not ledger.rows(sa.select(_steps.c.function_name))


def test_a_commit_whose_answer_was_lost_is_not_said_twice(ledger: Ledger, system: System) -> None:
    notes = Notes(system, "t1")
    notes.say(FELT)
    notes._said.clear()
    notes._next_offset = 0
    notes.say(FELT)
    assert _published(ledger) == [(0, "scene_felt")]


def test_a_tale_begun_under_the_engines_own_notes_goes_on(ledger: Ledger, system: System) -> None:
    written = [("write:0", json.dumps({"text": "a"})), ("DBOS.writeStream", None), ("narrate:0", json.dumps({"n": 1}))]
    for number, (name, output) in enumerate(written):
        row = {"workflow_uuid": "t1", "function_id": number + 1, "function_name": name, "output": output}
        ledger.write(sa.insert(_steps).values(row | {"retention_timestamp": 0}))
    said = {"workflow_uuid": "t1", "key": "events", "offset": 0, "function_id": 2}
    ledger.write(sa.insert(streams).values(said | {"value": json.dumps(event_to_json(FELT))}))
    notes = Notes(system, "t1")
    assert notes.once("write:0", _never) == {"text": "a"}
    notes.say(FELT)
    assert notes.once("narrate:0", _never) == {"n": 1}
    assert notes.once("compose:0", lambda: 5) == 5
    assert _published(ledger) == [(0, "scene_felt")]


def test_an_event_that_nobody_can_read_any_more_stops_no_tale(ledger: Ledger, system: System) -> None:
    said = {"workflow_uuid": "t1", "key": "events", "offset": 0, "function_id": 2}
    ledger.write(sa.insert(streams).values(said | {"value": '{"kind": "of old", "schema": 0}'}))
    Notes(system, "t1").say(FELT)
    assert ledger.rows(sa.select(sa.func.count()).select_from(streams))[0][0] == 2
