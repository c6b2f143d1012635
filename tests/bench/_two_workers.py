"""What a second worker brings."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from pipeline.road.door import Door, door
from pipeline.road.told import LAST
from pipeline.shelf.threads import CALM
from pipeline.words.event import Done
from pipeline.words.prompt import Prompt
from pipeline.words.request import Asked, Tell
from tests.pipeline.road.postgres import served
from tests.pipeline.road.real import worker

PROMPT = "The lantern of the old harbour"
"""One for all: with equal tales nobody works on while the other has nothing left."""


MULTIPLY = """
import os, sys, time
import numpy as np
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {int(sys.argv[1])})
square = np.ones((700, 700), np.float32)
until_s, done = time.perf_counter() + 5.0, 0
while time.perf_counter() < until_s:
    square @ square
    done += 1
print(done)
"""


def two_cores_ratio() -> float:
    """What a second core of this very machine brings where nothing at all is shared: the most a worker can."""
    alone = (_multiplied(0)[0] + _multiplied(1)[0]) / 2
    return round(sum(_multiplied(0, 1)) / alone, 2)


def _multiplied(*cores: int) -> list[int]:
    """How often each of these cores multiplied in the same seconds."""
    busy = [
        subprocess.Popen(
            [sys.executable, "-c", MULTIPLY, str(core)], stdout=subprocess.PIPE, text=True, env={**os.environ, **CALM}
        )
        for core in cores
    ]
    return [int(one.communicate()[0]) for one in busy]


def two_workers_ratio(profile: str, tales: int, words: int) -> float:
    """Tales in the same time, of two workers against one; each pinned to a core of its own, with one thread."""
    tales += tales % 2
    one_s, two_s = (asyncio.run(_seconds(profile, workers, tales, words)) for workers in (1, 2))
    return round(one_s / two_s, 2)


async def _seconds(profile: str, workers: int, tales: int, words: int) -> float:
    with served() as url, tempfile.TemporaryDirectory() as name:
        async with AsyncExitStack() as stack:
            at = await stack.enter_async_context(door(url))
            for core in range(workers):
                home = Path(name) / str(core)
                home.mkdir()
                await stack.enter_async_context(
                    worker(home, profile, "--tales", "1", name=f"worker-{core}", url=url, core=core)
                )
            # Warm, all of them: each takes one of these, since each tells one at a time.
            await asyncio.gather(*(_told(at, f"warm-{number}", words) for number in range(2 * workers)))
            since_s = time.perf_counter()
            await asyncio.gather(*(_told(at, f"tale-{number}", words) for number in range(tales)))
            return time.perf_counter() - since_s


async def _told(at: Door, job: str, words: int) -> None:
    await at.ask(Asked(job, Tell(Prompt(PROMPT, seed=3, words=words)), server=job))
    async for told in at.follow(job):
        if isinstance(told.event, LAST):
            assert isinstance(told.event, Done), told.event
