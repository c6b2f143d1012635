"""A wish spoken in a call, timed whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from statistics import median

import numpy as np

from bot.library.records import KeptTale, TaleState
from pipeline.road.door import read_answer
from pipeline.words.sound import RATE_HZ
from pipeline.words.tale import Tale
from tests.bench._evening import Evening, first_line, until
from tests.bench._spoken_prompts import spoken_lines
from tests.bot.voice.listening.listens import listens

Clocked = Callable[[], float]
STAGES = ("listening_ended_s", "asked_s", "planned_s", "narrated_s", "line_ready_s", "end_to_first_word_s")
_LOOK_S = 0.02
_HEARD = 1_000


async def spoken_wishes(here: Evening, count: int) -> dict[str, float]:
    """Seconds from the end of the last word to each stage; the median of so many wishes, after one to warm up."""
    lines = [sound for _, sound in spoken_lines(1)] * (count + 1)
    told = [await _timed(here, sound) for sound in lines]
    return {stage: round(median(one[stage] for one in told[1:]), 2) for stage in STAGES}


async def _timed(here: Evening, sound: np.ndarray) -> dict[str, float]:
    before = {one.id for one in await here.bot.services.library.tales.every()}
    clock: Clocked = here.double.clock.now_s
    await listens(here.ana)
    panel = await here.ana.sees("Listening in")
    await here.ana.press("I consent", on=panel)
    session = here.bot.services.ears.of(here.guild.id)
    assert session is not None, "it listens"
    saying = asyncio.create_task(here.ana.says(sound))
    await saying
    # The mouth sends in real time and returns with its last packet: what it says after the last word is silence.
    loud = np.flatnonzero(np.abs(sound).max(axis=1) > _HEARD)
    over_s = clock() - (len(sound) - int(loud[-1])) / RATE_HZ
    await until(lambda: session.listening is not None and session.listening.ended is not None)
    ended_s = clock()
    kept, tale, asked_s = await _told(here, before, clock)
    await here.told()
    planned_s, narrated_s = (here.came[kept.id, kind][0] for kind in ("planned", "narrated"))
    ready_s = here.came[kept.id, "cue_ready"][1]
    word_s = here.heard_s(kept.id, first_line(tale.timeline))
    marks = (ended_s, asked_s, planned_s, narrated_s, ready_s, word_s)
    return {stage: mark - over_s for stage, mark in zip(STAGES, marks, strict=True)}


async def _told(here: Evening, before: set[str], clock: Clocked) -> tuple[KeptTale, Tale, float]:
    """The tale that was not there before, once it is told, and when it was first there."""
    tales, asked_s = here.bot.services.library.tales, 0.0
    while True:
        fresh = [one for one in await tales.every() if one.id not in before]
        asked_s = asked_s or (clock() if fresh else 0.0)
        if fresh and fresh[0].artifact is not None and fresh[0].state is TaleState.DONE:
            return fresh[0], await asyncio.to_thread(read_answer, fresh[0].artifact, Tale, here.artifacts), asked_s
        assert not fresh or fresh[0].state not in (TaleState.FAILED, TaleState.STOPPED), "it was not told"
        await asyncio.sleep(_LOOK_S if not asked_s else 1.0)
