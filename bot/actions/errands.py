"""Errands whose rows must not stay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from bot.pools import Pool
from bot.voice.listening.cleanup import Unfinished
from bot.voice.listening.transcription_job import tidied
from pipeline.artifacts import Artifacts
from pipeline.road.door import Door
from pipeline.words.answer import Underscored
from pipeline.words.request import Asked, Underscore

T = TypeVar("T")
PART_WITHIN_S = 60.0


@dataclass(frozen=True)
class Errands:
    """Asks the executor, and leaves nothing of question and answer behind: both hold members' words."""

    door: Door
    artifacts: Artifacts
    unfinished: Unfinished
    """Notes what a bot that is killed meanwhile leaves behind."""
    files: Pool
    """Threads that read and write kept files."""

    @asynccontextmanager
    async def under_way(self, job: str) -> AsyncIterator[None]:
        """Note a job before it is asked; erase its rows and its answer at the end, cancelled or not."""
        await asyncio.to_thread(self.unfinished.began, job)
        try:
            yield
        finally:
            # Shielded: a bot that stops must not leave a member's words on the road.
            await asyncio.shield(self._put_away(job))

    async def answered(self, asked: Asked, kind: type[T]) -> T:
        """Return the answer; files that it names stay. Raises TaleError."""
        async with self.under_way(asked.job):
            return await self.door.answered(asked, kind, self.artifacts)

    async def part(self, job: str, wish: Underscore) -> Underscored:
        """Return a part of music alone; raises TimeoutError."""
        async with asyncio.timeout(PART_WITHIN_S):
            return await self.answered(Asked(job, wish), Underscored)

    async def _put_away(self, job: str) -> None:
        await tidied(self.door, self.artifacts, self.files, job)
        await asyncio.to_thread(self.unfinished.ended, job)
