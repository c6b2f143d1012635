"""What is due when, by DBOS's own schedules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from dbos import DBOSClient

DUE = "due"
"""Name under which times are noted; no executor runs it: who asks for the times takes them away again."""
_QUEUE = "timetable"
_BEFORE = "sched-"
"""How DBOS begins the ids of scheduled runs: `sched-<name>-<time>`."""


@dataclass(frozen=True)
class Recurring:
    """One thing that comes again and again."""

    name: str
    cron: str
    """Minute, hour, day, month, weekday, in the zone's own time."""
    zone: str
    """As the tz database names it."""


def due_times(client: DBOSClient, slot: Recurring, since: datetime, until: datetime) -> list[datetime]:
    """Each time at which it was due after `since` and before `until`; an hour that a clock repeats counts once."""
    known = client.get_schedule(slot.name)
    if known is None or (known["schedule"], known["cron_timezone"]) != (slot.cron, slot.zone):
        client.delete_schedule(slot.name)
        client.create_schedule(
            schedule_name=slot.name,
            workflow_name=DUE,
            schedule=slot.cron,
            cron_timezone=slot.zone,
            queue_name=_QUEUE,
        )
    ids = [handle.workflow_id for handle in client.backfill_schedule(slot.name, since, until)]
    if ids:
        client.delete_workflows(ids)  # their times are all they hold
    zone, named = ZoneInfo(slot.zone), len(f"{_BEFORE}{slot.name}-")
    times = [datetime.fromisoformat(one[named:]) for one in ids]
    return [at for at in times if not at.astimezone(zone).fold]


def forget_slots(client: DBOSClient, prefix: str, kept: Iterable[str]) -> None:
    """Remove the schedules whose names begin so, except these."""
    wanted = set(kept)
    for slot in client.list_schedules(schedule_name_prefix=prefix):
        if slot["schedule_name"] not in wanted:
            client.delete_schedule(slot["schedule_name"])
