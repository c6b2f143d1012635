"""A true tale, alone and in a crowd."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.road.door import Door
from pipeline.words.answer import Explained, Sampled, Transcribed
from pipeline.words.event import CueReady, Done
from pipeline.words.prompt import Prompt
from pipeline.words.request import Asked, Explain, Request, Sample, Tell, Transcribe
from tests.pipeline.road.real import door_to, kept_by, worker

PROMPT = "A lighthouse keeper befriends a storm"
EVERY_S = 2.0
SAID = "The rain was cold and the road was long, and nobody was afraid."
VOICE = "bm_fable"
_ANSWERS: dict[type[Any], type[Any]] = {Explain: Explained, Sample: Sampled, Transcribe: Transcribed}


def told_on_the_road(profile: str, words: int, errands: int) -> dict[str, Any]:
    """Seconds to the first word and to the end, warm; then how much longer short errands take while tales are told."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measured(Path(folder), profile, words, errands))


async def _measured(folder: Path, profile: str, words: int, errands: int) -> dict[str, Any]:
    async with worker(folder, profile), door_to(folder) as at:
        await _tale(at, "cold", words)
        first_s, whole_s = await _tale(at, "warm", words)
        kinds = await _errands(at, folder)
        own_s = [await _alone_s(at, kind, f"alone-{nth}", folder) for nth, kind in enumerate(kinds)]
        # More tales than are told meanwhile: the road is full to the end.
        crowd = [f"crowd-{number}" for number in range(errands + 3)]
        telling = [asyncio.create_task(_tale(at, name, words, live=nth % 3 == 0)) for nth, name in enumerate(crowd)]
        waited_s = []
        for number in range(errands):
            await asyncio.sleep(EVERY_S)
            nth = number % len(kinds)
            waited_s.append(max(0.0, await _took_s(at, kinds[nth], f"short-{number}", folder) - own_s[nth]))
        assert not all(task.done() for task in telling), "the load ended before the errands"
        await asyncio.gather(*(at.cancel(name) for name in crowd))
        await asyncio.gather(*telling)
    return {
        "road_first_word_s": round(first_s, 2),
        "road_tale_s": round(whole_s, 2),
        "short_wait_s_p99": round(float(np.percentile(waited_s, 99)), 2),
        "short_wait_s_p50": round(float(np.median(waited_s)), 2),
    }


async def _errands(at: Door, folder: Path) -> list[Request]:
    """One of each kind: feeling explained, a voice heard, a recording written down."""
    sampled = await at.answered(Asked("first", Sample(VOICE, "en", SAID)), Sampled, kept_by(folder))
    return [Explain(SAID, "en"), Sample(VOICE, "en", SAID), Transcribe(sampled.spoken[0].voice, "en")]


async def _alone_s(at: Door, errand: Request, job: str, folder: Path) -> float:
    return min([await _took_s(at, errand, f"{job}-{nth}", folder) for nth in range(3)])


async def _took_s(at: Door, errand: Request, job: str, folder: Path) -> float:
    since_s = time.perf_counter()
    await at.answered(Asked(job, errand, server="s"), _ANSWERS[type(errand)], kept_by(folder))
    return time.perf_counter() - since_s


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
