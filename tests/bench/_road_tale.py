"""A true tale, alone and in a crowd."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.road.door import Door
from pipeline.words.answer import Explained
from pipeline.words.event import CueReady, Done
from pipeline.words.prompt import Prompt
from pipeline.words.request import Asked, Explain, Tell
from tests.pipeline.road.real import door_to, kept_by, worker

PROMPT = "A lighthouse keeper befriends a storm"
CROWD = 3
EVERY_S = 2.5


def told_on_the_road(profile: str, words: int, errands: int) -> dict[str, Any]:
    """Seconds to the first word and to the end, warm; then how long short errands wait while tales are told."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measured(Path(folder), profile, words, errands))


async def _measured(folder: Path, profile: str, words: int, errands: int) -> dict[str, Any]:
    async with worker(folder, profile), door_to(folder) as at:
        await _tale(at, "cold", words)
        first_s, whole_s = await _tale(at, "warm", words)
        crowd = [f"crowd-{number}" for number in range(CROWD)]
        telling = [asyncio.create_task(_tale(at, name, words, live=number == 0)) for number, name in enumerate(crowd)]
        waited_s = []
        for number in range(errands):
            await asyncio.sleep(EVERY_S)
            waited_s.append(await _errand(at, f"why-{number}", folder))
        await asyncio.gather(*(at.cancel(name) for name in crowd))
        await asyncio.gather(*telling)
    return {
        "road_first_word_s": round(first_s, 2),
        "road_tale_s": round(whole_s, 2),
        "short_wait_s_p99": round(float(np.percentile(waited_s, 99)), 2),
        "short_wait_s_p50": round(float(np.median(waited_s)), 2),
    }


async def _tale(at: Door, job: str, words: int, *, live: bool = True) -> tuple[float, float]:
    since_s, first_s = time.perf_counter(), 0.0
    await at.ask(Asked(job, Tell(Prompt(PROMPT, seed=8, words=words), live), server=job))
    async for told in at.follow(job):
        match told.event:
            case CueReady(scored=scored) if scored.passage == 0:
                first_s = time.perf_counter() - since_s
            case Done():
                break
    return first_s, time.perf_counter() - since_s


async def _errand(at: Door, job: str, folder: Path) -> float:
    since_s = time.perf_counter()
    wish = Explain(f"The rain was cold and the road was long, and {job} was afraid.", "en")
    await at.answered(Asked(job, wish, server="s"), Explained, kept_by(folder))
    return time.perf_counter() - since_s
