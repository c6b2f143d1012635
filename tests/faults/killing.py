"""Kills, and what they must not do."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dbos._schemas.system_database import SystemSchema

from pipeline.places import CHECKOUT
from pipeline.road.engine import connect
from pipeline.road.ledger import Ledger, jobs
from tests.faults.bot_stand_in import Channel, enough, name_of
from tests.faults.nursery import Process
from tests.faults.stage import Stage
from tests.faults.traps import PLACES
from tests.faults.witness import Witness

PASSAGES = 4
STEP_S = 0.05
PATIENCE_S = 240.0


@dataclass(frozen=True)
class Toll:
    """What a row of kills did; all but the first three must be nought."""

    kills: int
    trapped: int
    """Of them inside `keep`, `once` or `say`."""
    tales: int
    lost: int
    doubled: int
    """Finished steps that ran again, and messages seen twice."""
    changed: int
    """Published events and sounds that are another later."""


Say = Callable[[str], None]


def tell_aloud(told: str) -> None:
    """How far it is, for whoever waits; beside the figures, not among them."""
    print(told, file=sys.stderr, flush=True)


def kill_often(folder: Path, kills: int, seed: int, database_url: str = "", say: Say = tell_aloud) -> Toll:
    """Executor, bot or both die at random moments over a stream of tales; both are started again at once."""
    chance = random.Random(seed)
    stage = Stage(folder, database_url)
    reaper = _Reaper(stage, chance)
    began_s = time.monotonic()
    try:
        while reaper.kills < kills:
            reaper.reap()
            say(f"{reaper.kills} of {kills} kills, {reaper.channel.begun()} tales, {time.monotonic() - began_s:.0f} s")
        _wait_for_the_end(stage, reaper)
        return _toll(stage, reaper)
    finally:
        stage.close()


class _Reaper:
    def __init__(self, stage: Stage, chance: random.Random) -> None:
        self._stage, self._chance = stage, chance
        self.kills, self.trapped = 0, 0
        self.channel = Channel(stage.folder / "channel.db")
        self.witness = Witness(stage.database_url, stage.folder / "artifacts")
        self._bot = self._start_bot()
        self._executor, self._is_trapped = self._start_executor()

    def reap(self) -> None:
        """One more, and the dead come back."""
        if self._is_trapped:
            self._await_trap()
        else:
            time.sleep(self._chance.uniform(0.1, 4.0))
            self._kill_somebody()
        self.witness.look()
        self.revive()

    def revive(self) -> None:
        """Whoever is dead starts again."""
        if self._executor.poll() is not None:
            self._executor, self._is_trapped = self._start_executor()
        if self._bot.poll() not in (None, 0):
            self._bot = self._start_bot()

    @property
    def bot_is_done(self) -> bool:
        """It heard the end of every tale."""
        return self._bot.poll() == 0

    def disarm(self) -> None:
        """The last executor dies of nothing."""
        self._chance = random.Random(0)
        self._chance.random = lambda: 1.0  # type: ignore[method-assign] # no more traps
        if self._is_trapped:
            self._executor.kill()
            self._executor.wait()
            self.revive()

    def _await_trap(self) -> None:
        until_s = time.monotonic() + 10.0
        while self._executor.poll() is None and time.monotonic() < until_s:
            time.sleep(0.05)
        if self._executor.poll() is None:
            self._executor.kill()  # nothing came to step on the trap
            self._executor.wait()
        elif self._executor.returncode == -signal.SIGKILL:
            self.trapped += 1
            self.kills += 1

    def _kill_somebody(self) -> None:
        both: list[list[Process]] = [[self._executor], [self._bot], [self._executor, self._bot]]
        whose = self._chance.choice(both)
        alive = [who for who in whose if who.poll() is None]
        for who in alive:
            who.send_signal(signal.SIGKILL)
            who.wait()
        self.kills += bool(alive)

    def _start_executor(self) -> tuple[Process, bool]:
        more: dict[str, Any] = {"passages": PASSAGES, "step_s": STEP_S}
        more["deaths_before_a_step_fails"] = 10**6  # they die of us
        armed = self._chance.random() < 0.5
        if armed:
            more["trap"] = [self._chance.choice(PLACES), self._chance.randrange(1_000_000)]
        return self._stage.executor(**more), armed

    def _start_bot(self) -> subprocess.Popen[bytes]:
        told = {"database_url": self._stage.database_url, "folder": str(self._stage.folder)}
        with (self._stage.folder / "bot.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.bot_stand_in", json.dumps(told)],
                cwd=CHECKOUT,
                stderr=log,
                stdout=log,
                env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            )
        self._stage.alive.append(process)
        return process


def _wait_for_the_end(stage: Stage, reaper: _Reaper) -> None:
    enough(stage.folder).touch()
    reaper.disarm()
    until_s = time.monotonic() + PATIENCE_S
    while not reaper.bot_is_done and time.monotonic() < until_s:
        reaper.revive()
        time.sleep(0.2)


def _toll(stage: Stage, reaper: _Reaper) -> Toll:
    ledger = Ledger(connect(stage.database_url))
    state = dict(ledger.rows(sa.select(jobs.c.workflow_uuid, jobs.c.status)))
    names = [name_of(number) for number in range(reaper.channel.begun())]
    seen = reaper.channel.messages()
    heard = Counter(nonce.split("/")[0] for nonce in seen if not nonce.startswith("changed:"))
    whole = 2 * PASSAGES + 1
    lost = sum(state.get(name) != "SUCCESS" or heard[name] < whole for name in names)
    more = sum(max(0, heard[name] - whole) for name in names)
    changed = {nonce for nonce in seen if nonce.startswith("changed:")} | reaper.witness.changed()
    doubled = more + _ran_again(stage, ledger)
    ledger.engine.dispose()
    return Toll(reaper.kills, reaper.trapped, len(names), lost, doubled, len(changed))


def _ran_again(stage: Stage, ledger: Ledger) -> int:
    """Runs of a step that ended after the step had been recorded."""
    steps = SystemSchema.operation_outputs
    query = sa.select(steps.c.workflow_uuid, steps.c.function_name, steps.c.completed_at_epoch_ms)
    recorded = {f"{job}:{step}": at_ms for job, step, at_ms in ledger.rows(query)}
    marks = [json.loads(line) for line in (stage.folder / "done").read_text().splitlines()]
    return sum(at_ms > recorded.get(step, float("inf")) + 5 for step, at_ms in marks if step != "whole")
