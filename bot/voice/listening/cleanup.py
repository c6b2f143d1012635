"""What recordings leave behind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from bot.library.records import KeptTale
from bot.pools import Pool, Pools
from bot.tracker.outputs import Follower
from pipeline.artifacts import Artifacts
from pipeline.log import log_of
from pipeline.road.door import read_answer
from pipeline.whole_file import write_whole
from pipeline.words.event import Done, Event, Failed, Stopped
from pipeline.words.prompt import Prompt
from pipeline.words.sound import Artifact
from pipeline.words.tale import Tale

if TYPE_CHECKING:
    from bot.library.tales import Tales


@dataclass(frozen=True)
class Left:
    """What an earlier bot did not put away."""

    recordings: list[Artifact] = field(default_factory=list)
    errands: list[str] = field(default_factory=list)


class Unfinished:
    """Their names on the disk, so that a bot that was killed while it listened leaves nothing of a voice behind."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = Lock()
        self._recordings: dict[str, Artifact] = {}
        self._errands: set[str] = set()

    def note(self, recording: Artifact) -> None:
        """It was kept just now."""
        with self._lock:
            self._recordings[recording.sha256] = recording
            self._write()

    def forget(self, recordings: Iterable[Artifact]) -> None:
        """They are gone, or a tale has them."""
        with self._lock:
            gone = [self._recordings.pop(one.sha256, None) for one in recordings]
            if any(gone):
                self._write()

    def began(self, errand: str) -> None:
        """Its rows and its answer tell of a voice."""
        with self._lock:
            self._errands.add(errand)
            self._write()

    def ended(self, errand: str) -> None:
        """Forget a job whose rows and files are gone."""
        with self._lock:
            self._errands.discard(errand)
            self._write()

    def left(self) -> Left:
        """What an earlier bot noted; it stays noted until `put_away`, for we may be killed as that one was."""
        try:
            told = json.loads(self._file.read_bytes())
            found = Left([Artifact(**one) for one in told["recordings"]], [str(one) for one in told["errands"]])
        except (OSError, ValueError, TypeError, KeyError):
            found = Left()
        return found

    def put_away(self) -> None:
        """Nothing of what an earlier bot noted is there any more."""
        with self._lock:
            self._write()

    def _write(self) -> None:
        if not self._recordings and not self._errands:
            self._file.unlink(missing_ok=True)
            return
        told = {"recordings": [vars(one) for one in self._recordings.values()], "errands": sorted(self._errands)}
        write_whole(self._file, json.dumps(told))


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
