"""What a member reads when something is away."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as SaturatedError

from bot.ui.refusals import told_of
from pipeline.errors import Unwell
from pipeline.road.desk import Desk
from tests.faults.stage import wish

WHY = "connection to server at 10.1.2.3, port 5432 failed"
AWAY = (OperationalError("select", {}, OSError(WHY)), SaturatedError(WHY))


@pytest.mark.parametrize("error", AWAY, ids=["away", "busy"])
def test_a_database_that_is_away_is_said_as_that_and_not_where_it_lies(error: Exception) -> None:
    asked = cast(
        Any, SimpleNamespace(locale=SimpleNamespace(value="en"), command=None, type=SimpleNamespace(name="component"))
    )
    with structlog.testing.capture_logs() as logs:
        told = told_of(error, asked)
    assert "try again in a minute" in told
    assert "10.1.2.3" not in told
    assert [one["event"] for one in logs] == ["database_away"]


def test_nor_does_a_queue_that_is_away_say_where_it_lies(tmp_path: Any) -> None:
    desk = Desk(f"sqlite:///{tmp_path}/road.db")
    desk._ledger.engine.dispose()
    for file in tmp_path.glob("road.db*"):
        file.unlink()
    (tmp_path / "road.db").mkdir()
    with pytest.raises(Unwell) as told:
        desk.ask(wish("t1"))
    assert told.value.code == "road_closed"
    assert str(tmp_path) not in str(told.value.fields)
    (tmp_path / "road.db").rmdir()
    desk.close()
