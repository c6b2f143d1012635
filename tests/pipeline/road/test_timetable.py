"""What is due comes once, whatever clocks do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pipeline.errors import Unwell
from pipeline.road.desk import Desk
from pipeline.road.engine import connect, launched
from pipeline.road.timetable import Recurring

BERLIN = ZoneInfo("Europe/Berlin")
NEWS = Recurring("server-1-news", "0 20 * * *", "Europe/Berlin")


def _nothing(_system: Any, _job: str, _data: Any) -> None:
    """No job is run here."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A road that an executor has served once."""
    url = f"sqlite:///{tmp_path_factory.mktemp('road') / 'road.db'}"
    Desk(url).close()
    with launched(connect(url), "one", {"live.cpu": 1}, _nothing):
        pass
    return url


@pytest.fixture
def desk(url: str) -> Iterator[Desk]:
    desk = Desk(url)
    yield desk
    desk.close()


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def test_thirty_days_with_restarts_two_clock_changes_and_an_outage_miss_and_double_nothing(url: str) -> None:
    for cron, zone in (("0 20 * * *", BERLIN), ("30 2 * * *", BERLIN)):
        for month, day in ((3, 14), (10, 17)):
            begin = datetime(2027, month, day, 12, tzinfo=zone)
            found = _simulated(url, Recurring(f"server-1-{month}-{cron[:2]}", cron, str(zone)), begin, days=15)
            days = [at.astimezone(zone).date() for at in found]
            assert len(days) == len(set(days)) == 15
            assert days == [days[0] + timedelta(days=nth) for nth in range(15)]


def _simulated(url: str, what: Recurring, begin: datetime, days: int) -> list[datetime]:
    """Look every four hours; a new client every day, and on one day nobody looks when it is due."""
    found: list[datetime] = []
    now = since = begin.astimezone(UTC)
    for day in range(days):
        desk = Desk(url)
        for _ in range(6):
            now += timedelta(hours=4)
            if day == 5 and now.hour in {19, 20}:
                continue  # the outage: it is told when somebody looks again
            due = desk.due(what, since, now)
            found += due
            since = due[-1] if due else since
        desk.close()
    return found


def test_an_hour_that_the_clock_skips_or_repeats_is_told_once(desk: Desk) -> None:
    night = Recurring("server-2-night", "30 2 * * *", "Europe/Berlin")
    spring = desk.due(night, _at("2027-03-27T12:00"), _at("2027-03-29T12:00"))
    autumn = desk.due(night, _at("2027-10-30T12:00"), _at("2027-11-01T12:00"))
    assert [at.day for at in spring] == [28, 29]
    assert [at.day for at in autumn] == [31, 1]


def test_a_changed_hour_holds_from_then_on_and_a_removed_one_is_forgotten(desk: Desk) -> None:
    day = (_at("2027-06-01T00:00"), _at("2027-06-02T00:00"))
    assert [at.hour for at in desk.due(NEWS, *day)] == [20]
    earlier = Recurring(NEWS.name, "15 7 * * 1,2", "Europe/Berlin")
    assert [(at.hour, at.minute) for at in desk.due(earlier, *day)] == [(7, 15)]
    assert desk.due(earlier, _at("2027-06-05T00:00"), _at("2027-06-07T00:00")) == []
    desk.forget_slots("server-1-", ())
    assert [at.hour for at in desk.due(NEWS, *day)] == [20]


def test_before_any_executor_was_here_it_says_so_and_loses_nothing(tmp_path: Path) -> None:
    desk = Desk(f"sqlite:///{tmp_path / 'road.db'}")
    try:
        with pytest.raises(Unwell, match="road_closed"):
            desk.due(NEWS, _at("2027-06-01T00:00"), _at("2027-06-02T00:00"))
    finally:
        desk.close()
