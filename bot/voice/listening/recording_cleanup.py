"""Recordings that go when their tale is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.library.records import KeptTale
from bot.pools import Pool, Pools
from bot.tracker.outputs import Follower
from pipeline.artifacts import Artifacts
from pipeline.log import log_of
from pipeline.road.door import read_answer
from pipeline.words.event import Done, Event, Failed, Stopped
from pipeline.words.prompt import Prompt
from pipeline.words.sound import Artifact
from pipeline.words.tale import Tale

if TYPE_CHECKING:
    from bot.library.tales import Tales

NO_SOUND = "sound_"
"""How codes begin of what can never be heard."""
TellErased = Callable[[Iterable[Artifact]], Awaitable[object]]
"""Every machine that tells lets go of its copies."""
log = log_of("forgetting")


class Forgetting(Follower):
    """Follows the teller: nobody's voice is kept longer than it takes; the words stay, so that it can be told again."""

    def __init__(
        self, artifacts: Artifacts, tales: Tales, files: Pool | None = None, tell_erased: TellErased | None = None
    ) -> None:
        self._artifacts, self._tales, self._tell_erased = artifacts, tales, tell_erased
        self._files = files or Pools().files
        self._tasks: set[asyncio.Task[None]] = set()

    def heard(self, tale: KeptTale, event: Event) -> None:
        """The last word: what was recorded for it goes."""
        if isinstance(event, Done | Failed | Stopped) and tale.prompt.spoken:
            task = asyncio.create_task(self._forget(tale, event), name=f"forgetting {tale.id}")
            self._tasks.add(task)
            task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("recording_not_forgotten", exc_info=error)

    async def _forget(self, tale: KeptTale, event: Event) -> None:
        words = _heard(tale.prompt)
        if isinstance(event, Done):
            story = await self._files.run(read_answer, event.tale, Tale, self._artifacts)
            words = story.plan.asked or words
        elif isinstance(event, Failed) and not words and not event.code.startswith(NO_SOUND):
            return  # nobody knows yet what it says: it can be tried again
        recordings = [one.recording for one in tale.prompt.spoken]
        await self._files.run(self._artifacts.erase, recordings)
        await self._tales.change(tale.id, prompt=replace(tale.prompt, text=words, recording=None, said=()))
        if self._tell_erased is not None:
            await self._tell_erased(recordings)


def _heard(prompt: Prompt) -> str:
    """What it says, as far as it was written down."""
    told = [one.heard.text for one in prompt.spoken if one.heard is not None]
    return "\n".join(part for part in (prompt.text.strip(), *told) if part)
