"""The roll of workers, each with its number."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from pipeline.errors import Unwell
from pipeline.road.janitor import executor_id
from pipeline.road.lanes import CPU
from pipeline.road.ledger import Ledger, devices, workers

BEAT_S = 2.0
_TWINS_BEAT_S = 3 * BEAT_S
"""How long a worker of our name on another machine is watched for a sign of life."""
WORKING, DRAINING = "working", "draining"


@dataclass(frozen=True)
class Enrolled:
    """A worker's place; a newer number under its name ends it."""

    ledger: Ledger
    name: str
    number: int

    @property
    def executor(self) -> str:
        """As the engine's rows call it."""
        return executor_id(self.name, self.number)

    def beat(self) -> str | None:
        """Tell that we live; says what we are to do, or None when a newer number has our place."""
        mine = (workers.c.name == self.name, workers.c.number == self.number)
        self.ledger.write(sa.update(workers).where(*mine).values(beat=workers.c.beat + 1))
        found = self.ledger.rows(sa.select(workers.c.state).where(*mine))
        return str(found[0][0]) if found else None

    def leave(self) -> None:
        """Gone for good, and said so."""
        mine = sa.delete(workers).where(workers.c.name == self.name, workers.c.number == self.number)
        if self.ledger.write(mine):
            self.ledger.write(sa.delete(devices).where(devices.c.name == self.name))


def enrol(ledger: Ledger, name: str, kind: str = CPU, sleep: Callable[[float], None] = time.sleep) -> Enrolled:
    """The next number under this name; raises Unwell `worker_name_taken` if another machine's worker beats under it."""
    place = _enrolled(ledger, name, sleep)
    if not ledger.write(sa.update(devices).where(devices.c.name == name).values(kind=kind)):
        ledger.write(sa.insert(devices).values(name=name, kind=kind))
    return place


def _enrolled(ledger: Ledger, name: str, sleep: Callable[[float], None]) -> Enrolled:
    found = ledger.rows(sa.select(workers.c.number, workers.c.host, workers.c.beat).where(workers.c.name == name))
    row = {"host": socket.gethostname(), "pid": os.getpid(), "beat": 0, "state": WORKING}
    if not found:
        number = _fresh_number()
        ledger.write(sa.insert(workers).values(row | {"name": name, "number": number}))
        return Enrolled(ledger, name, number)
    old, host, beat = found[0]
    if host != row["host"]:
        sleep(_TWINS_BEAT_S)
        if ledger.rows(sa.select(workers.c.beat).where(workers.c.name == name, workers.c.beat != beat)):
            raise Unwell("worker_name_taken", name=name)
    number = old + 1
    mine = sa.update(workers).where(workers.c.name == name, workers.c.number == old)
    if not ledger.write(mine.values(row | {"number": number})):
        raise Unwell("worker_name_taken", name=name)
    return Enrolled(ledger, name, number)


def ask_to_drain(ledger: Ledger, name: str) -> bool:
    """It takes no new job, ends what it has and goes; False if there is no such worker."""
    return ledger.write(sa.update(workers).where(workers.c.name == name).values(state=DRAINING)) > 0


def _fresh_number() -> int:
    """Above every number this name ever had, also after its row went."""
    return int(time.time())
