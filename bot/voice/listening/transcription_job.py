"""Recordings transcribed by the executor."""

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
    """Return what transcribes over the road: reads no more than a speaker agreed to, and leaves nothing behind."""

    async def write_down(member: int, recording: Artifact) -> Transcribed:
        job = uuid.uuid4().hex
        usual = await agreed.usual(member)
        wish = Transcribe(recording, read_feeling=member in agreed.felt, usual=usual, tone=member in agreed.kept)
        told: Transcribed | None = None
        # Noted before it is asked: a bot that is killed meanwhile must find the job's rows again.
        await asyncio.to_thread(unfinished.began, job)
        try:
            told = await door.answered(Asked(job, wish, str(agreed.server)), Transcribed, artifacts)
        finally:
            # Artifacts are named by content: two jobs that heard no word share one answer, which must stay.
            # Shielded: a cancelled listening must not leave words and feeling in the road's tables.
            await asyncio.shield(put_away(job, tells=told is None or bool(told.transcript.text)))
        return told

    async def put_away(job: str, *, tells: bool) -> None:
        await tidied(door, artifacts, files, job, tells=tells)
        await asyncio.to_thread(unfinished.ended, job)

    return write_down


async def tidied(door: Door, artifacts: Artifacts, files: Pool, job: str, *, tells: bool = True) -> None:
    """Erase a job's rows and its answer's file: both hold words, feeling and tone, and are not needed again."""
    rows = [one.row for one in await door.keepsakes("", [job])]
    answers = {one for one in artifacts_in(rows) if one.suffix == ANSWER}
    # The job is stopped and its rows go first: one that still ran would write its answer again.
    await door.let_go([job])
    if tells:
        await files.run(artifacts.erase, answers)
        await door.tell_erased(answers)
