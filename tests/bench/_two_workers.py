"""What a second worker brings."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from pipeline.road.door import Door, door
from pipeline.road.listener import LAST
from pipeline.shelf.threads import CALM
from pipeline.words.event import Done
from pipeline.words.prompt import Prompt
from pipeline.words.request import Asked, Tell
from tests.pipeline.road.postgres import served
from tests.pipeline.road.real import worker

PROMPT = "The lantern of the old harbour"
"""One for all: with equal tales nobody works on while the other has nothing left."""
ROUNDS = 4
"""An even number: on two cores by turns."""


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
    return round(asyncio.run(_ratio(profile, tales + tales % 2, words)), 2)


async def _ratio(profile: str, tales: int, words: int) -> float:
    """Alone and both in turns, each as often alone as the other: a shared host is never equally fast for long."""
    alone_s: list[float] = []
    both_s: list[float] = []
    with served() as url, tempfile.TemporaryDirectory() as name:
        async with door(url) as at, AsyncExitStack() as workers:
            line = _Line(at, words)
            stay = await _at_work(workers, Path(name), profile, url, 0)
            for turn in range(ROUNDS):
                alone_s.append(await line.told(tales, workers=1))
                come = await _at_work(workers, Path(name), profile, url, turn + 1)
                both_s.append(await line.told(tales, workers=2))
                await stay.aclose()
                stay = come
    return median(alone_s) / median(both_s)


async def _at_work(workers: AsyncExitStack, folder: Path, profile: str, url: str, number: int) -> AsyncExitStack:
    """One more worker, until it is closed or all of them are; they take turns on two cores."""
    home = folder / str(number)
    home.mkdir()
    stack = await workers.enter_async_context(AsyncExitStack())
    name = f"worker-{number}"
    await stack.enter_async_context(worker(home, profile, "--tales", "1", name=name, url=url, core=number % 2))
    return stack


@dataclass
class _Line:
    """Tales asked for, all alike."""

    at: Door
    words: int
    asked: int = 0

    async def told(self, tales: int, workers: int) -> float:
        """Seconds for them all, by workers that are warm."""
        # Each takes one of these at a time, so that all of them are met.
        await self._all(2 * workers)
        since_s = time.perf_counter()
        await self._all(tales)
        return time.perf_counter() - since_s

    async def _all(self, tales: int) -> None:
        first, self.asked = self.asked, self.asked + tales
        await asyncio.gather(*(_told(self.at, f"tale-{first + number}", self.words) for number in range(tales)))


async def _told(at: Door, job: str, words: int) -> None:
    await at.ask(Asked(job, Tell(Prompt(PROMPT, seed=3, words=words)), server=job))
    async for told in at.follow(job):
        if isinstance(told.event, LAST):
            assert isinstance(told.event, Done), told.event
