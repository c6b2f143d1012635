"""What the road costs."""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from dbos._schemas.system_database import SystemSchema

from pipeline.cli.here import opened
from pipeline.road.desk import Desk
from pipeline.road.door import Door
from pipeline.road.engine import connect
from pipeline.road.lanes import Limits
from pipeline.road.ledger import Ledger
from pipeline.words.event import Narrated, Written
from pipeline.words.request import Asked, Explain
from tests.bench._brakes import brakes
from tests.bench._machine import reference, reference_lines
from tests.bench._road_tale import told_on_the_road
from tests.faults.killing import Toll, kill_often
from tests.faults.killing_bot import kill_the_bot_often
from tests.faults.stage import Stage, eventually, wish

PASSAGES_OF_200_WORDS = 14
_TALES, _ERRANDS = 20, 80
"""Asked one after the other: enough for a percentile that is not the worst of a handful."""
_REST_S = 0.15
_CROWD = 10_000
_FOLLOWERS = 1_000
_FOLLOWED_S = 10.0


def main(argv: Sequence[str]) -> int:
    """The verb `bench queue`."""
    args = _parser().parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="bench-queue-") as folder:
        told = {**asyncio.run(_idle(Path(folder))), **_crowded(Path(folder), args.crowd)}
        told |= asyncio.run(_followed(Path(folder), min(_FOLLOWERS, args.crowd)))
        if args.kills:
            (Path(folder) / "kills").mkdir()
            told |= _kills(kill_often(Path(folder) / "kills", args.kills, args.seed))
        if args.bot_kills:
            (Path(folder) / "bot").mkdir()
            toll = asyncio.run(kill_the_bot_often(Path(folder) / "bot", args.bot_kills, args.seed))
            told |= {f"bot_{name}": figure for name, figure in _kills(toll).items()}
    if args.profile:
        told |= told_on_the_road(args.profile, args.words, args.errands)
        with opened(args.profile, yes=True, quiet=True) as here:
            told["brake_s_most"] = round(max(braked.after_s for _, braked in brakes(here)), 2)
    if args.json:
        print(json.dumps(told | reference()))
    else:
        for name, value in told.items():
            print(f"{name:<24} {value:>10}")
        print(reference_lines())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="echotales.py bench queue", description="Measure the durable road.")
    parser.add_argument("--kills", type=int, default=20, help="200 for the long proof; 0 to leave it out")
    parser.add_argument("--bot-kills", type=int, default=0, help="as many more of the real bot, seen by its members")
    parser.add_argument("--crowd", type=int, default=_CROWD, help="tales that wait")
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--profile", default="", help="also tell true tales, with this profile's models")
    parser.add_argument("--words", type=int, default=100, help="of each true tale")
    parser.add_argument("--errands", type=int, default=20, help="asked while tales are told")
    parser.add_argument("--json", action="store_true", help="print one object")
    return parser


async def _idle(folder: Path) -> dict[str, Any]:
    """One executor with nothing to do, one tale after the other."""
    (folder / "idle").mkdir()
    stage = Stage(folder / "idle")
    with ExitStack() as after:
        after.callback(stage.close)
        stage.executor(step_s=0.0, passages=PASSAGES_OF_200_WORDS)
        await eventually(lambda: "executor_ready" in stage.log())
        async with stage.door() as at:
            for number in range(3):
                await _one(at, wish(f"warm-{number}"))
            took = [await _one(at, wish(f"tale-{number}")) for number in range(_TALES)]
            took += [await _one(at, Asked(f"why-{number}", Explain("a happy day", "en"))) for number in range(_ERRANDS)]
        ledger = Ledger(connect(stage.database_url))
        started = _start_ms(ledger, {one.job: one.asked_ms for one in took})
        late = _event_ms(ledger, {key: at_s for one in took for key, at_s in one.came.items()})
        road = _road_s(ledger)
        ledger.engine.dispose()
    return {
        "enqueue_ms_p99": round(float(np.percentile([one.enqueue_ms for one in took], 99)), 2),
        "enqueue_ms_p50": round(statistics.median(one.enqueue_ms for one in took), 2),
        "start_ms_p50": round(statistics.median(started), 1),
        "road_s_per_tale": round(road, 3),
        "event_ms_p99": round(float(np.percentile(late, 99)), 1),
    }


@dataclass(frozen=True)
class _Timed:
    job: str
    enqueue_ms: float
    asked_ms: float
    """When it was durable, by the wall clock."""
    came: dict[tuple[str, str], float]
    """When the event of each job and step was heard, by the wall clock, in s."""


async def _one(at: Door, asked: Asked) -> _Timed:
    # What the last one left to do is over: the machine is idle.
    await asyncio.sleep(_REST_S)
    since_s = time.perf_counter()
    await at.ask(asked)
    enqueue_ms = (time.perf_counter() - since_s) * 1000
    asked_ms = time.time() * 1000
    came: dict[tuple[str, str], float] = {}
    async for told in at.follow(asked.job):
        match told.event:
            case Written(passage=passage):
                came[asked.job, f"write:{passage.index}"] = time.time()
            case Narrated(spoken=spoken):
                came[asked.job, f"narrate:{spoken.passage}"] = time.time()
    return _Timed(asked.job, enqueue_ms, asked_ms, came)


def _start_ms(ledger: Ledger, asked_ms: dict[str, float]) -> list[float]:
    """From the moment a wish was durable to its first step; the engine's own columns know whole seconds on SQLite."""
    steps = SystemSchema.operation_outputs
    first = sa.select(steps.c.workflow_uuid, sa.func.min(steps.c.started_at_epoch_ms)).group_by(steps.c.workflow_uuid)
    return [began - asked_ms[job] for job, began in ledger.rows(first) if job in asked_ms]


def _event_ms(ledger: Ledger, came: dict[tuple[str, str], float]) -> list[float]:
    """From the moment a step was whole, its event still unpublished, to the moment the bot had heard of it."""
    steps = SystemSchema.operation_outputs
    whole = ledger.rows(sa.select(steps.c.workflow_uuid, steps.c.function_name, steps.c.completed_at_epoch_ms))
    return [came[job, step] * 1000 - at_ms for job, step, at_ms in whole if (job, step) in came]


def _road_s(ledger: Ledger) -> float:
    """A tale of empty steps: all that is left is the road, with three steps and three events a passage."""
    steps = SystemSchema.operation_outputs
    span = (sa.func.min(steps.c.started_at_epoch_ms), sa.func.max(steps.c.completed_at_epoch_ms))
    tales = sa.select(*span).where(steps.c.workflow_uuid.startswith("tale")).group_by(steps.c.workflow_uuid)
    whole_s = statistics.median((done - began) / 1000 for began, done in ledger.rows(tales))
    # The stand-in narrates and writes; a true tale composes too: half as much again.
    return float(whole_s) * 1.5


def _crowded(folder: Path, crowd: int) -> dict[str, Any]:
    """Many tales wait, nobody works."""
    desk = Desk(f"sqlite:///{folder}/crowd.db", Limits(member=2 * crowd, server=2 * crowd, bot=2 * crowd))
    try:
        took: list[float] = []
        before_mb = 0.0
        for number in range(crowd):
            since_s = time.perf_counter()
            desk.ask(wish(f"t{number}", server=f"s{number % 100}"))
            took.append((time.perf_counter() - since_s) * 1000)
            before_mb = before_mb or (_resident_mb() if number == crowd // 10 else 0.0)
        return {
            "enqueue_ms_at_10000": round(float(np.percentile(took[-500:], 99)), 2),
            "grown_mb_at_10000": round(_resident_mb() - before_mb, 1),
        }
    finally:
        desk.close()


async def _followed(folder: Path, followers: int) -> dict[str, Any]:
    """What it costs the bot's process that so many tales are followed, most of them waiting, while some are told."""
    stage = Stage(folder)
    name = f"sqlite:///{folder}/crowd.db"
    with ExitStack() as after:
        after.callback(stage.close)
        stage.database_url = name
        async with stage.door() as at:
            following = [asyncio.create_task(_until_cancelled(at, f"t{number}")) for number in range(followers)]
            stage.executor(step_s=0.5, passages=PASSAGES_OF_200_WORDS)
            await eventually(lambda: "executor_ready" in stage.log())
            await asyncio.sleep(3.0)
            processor_s, since_s = time.process_time(), time.monotonic()
            await asyncio.sleep(_FOLLOWED_S)
            share = (time.process_time() - processor_s) / (time.monotonic() - since_s)
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)
    return {"followers_core_share": round(share, 3)}


async def _until_cancelled(at: Door, name: str) -> None:
    async for _ in at.follow(name):
        pass


def _resident_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def _kills(toll: Toll) -> dict[str, Any]:
    names = ("kills", "trapped", "tales", "lost", "doubled", "changed")
    return {name: getattr(toll, name) for name in names}
