"""Recordings written down by the executor."""

from __future__ import annotations

import asyncio
import uuid

from bot.pools import Pool
from bot.privacy.sounds import artifacts_in
from bot.voice.listening.cleanup import Unfinished
from bot.voice.listening.consent import Agreed
from bot.voice.listening.transcription import WriteDown
from pipeline.artifacts import Artifacts
from pipeline.road.door import Door
from pipeline.words.answer import Transcribed
from pipeline.words.request import Asked, Transcribe
from pipeline.words.sound import Artifact

ANSWER = ".json"


def by_road(door: Door, artifacts: Artifacts, agreed: Agreed, unfinished: Unfinished, files: Pool) -> WriteDown:
    """Of each speaker no more is read than they agreed to; nothing of the errand is left behind."""

    async def write_down(member: int, recording: Artifact) -> Transcribed:
        job = uuid.uuid4().hex
        usual = await agreed.usual(member)
        wish = Transcribe(recording, read_feeling=member in agreed.felt, usual=usual, tone=member in agreed.kept)
        told: Transcribed | None = None
        await asyncio.to_thread(unfinished.began, job)
        try:
            told = await door.answered(Asked(job, wish, str(agreed.server)), Transcribed, artifacts)
        finally:
            # Two errands that heard no word have one and the same answer; it tells nothing of anybody.
            await asyncio.shield(put_away(job, tells=told is None or bool(told.transcript.text)))
        return told

    async def put_away(job: str, *, tells: bool) -> None:
        await tidied(door, artifacts, files, job, tells=tells)
        await asyncio.to_thread(unfinished.ended, job)

    return write_down


async def tidied(door: Door, artifacts: Artifacts, files: Pool, job: str, *, tells: bool = True) -> None:
    """Its rows, and the file of its answer: words, feeling and tone stand there, and nobody asks for them again."""
    rows = [one.row for one in await door.keepsakes("", [job])]
    answers = {one for one in artifacts_in(rows) if one.suffix == ANSWER}
    await door.let_go([job])
    if tells:
        await files.run(artifacts.erase, answers)
        await door.tell_erased(answers)
