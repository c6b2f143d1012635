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
    """What an earlier bot did not erase."""

    recordings: list[Artifact] = field(default_factory=list)
    errands: list[str] = field(default_factory=list)  # ids of jobs on the road


class Unfinished:
    """Their names on disk, so that nothing of a voice stays when a bot is killed while it listens."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = Lock()
        self._recordings: dict[str, Artifact] = {}
        self._errands: set[str] = set()

    def note(self, recording: Artifact) -> None:
        """Note a recording that was written just now."""
        with self._lock:
            self._recordings[recording.sha256] = recording
            self._write()

    def forget(self, recordings: Iterable[Artifact]) -> None:
        """Remove recordings that are erased, or that a tale's row names now."""
        with self._lock:
            gone = [self._recordings.pop(one.sha256, None) for one in recordings]
            if any(gone):
                self._write()

    def began(self, errand: str) -> None:
        """Note a job whose rows and answer will hold a voice's words."""
        with self._lock:
            self._errands.add(errand)
            self._write()

    def ended(self, errand: str) -> None:
        """Remove a job whose rows and files are erased."""
        with self._lock:
            self._errands.discard(errand)
            self._write()

    def left(self) -> Left:
        """Return what an earlier bot noted; it stays noted until `put_away`, since this one may be killed too."""
        try:
            told = json.loads(self._file.read_bytes())
            found = Left([Artifact(**one) for one in told["recordings"]], [str(one) for one in told["errands"]])
        except (OSError, ValueError, TypeError, KeyError):
            found = Left()
        return found

    def put_away(self) -> None:
        """Remove what an earlier bot noted: all of it is erased."""
        with self._lock:
            self._write()

    def _write(self) -> None:
        if not self._recordings and not self._errands:
            self._file.unlink(missing_ok=True)  # an empty list would still tell that somebody listened here
            return
        told = {"recordings": [vars(one) for one in self._recordings.values()], "errands": sorted(self._errands)}
        write_whole(self._file, json.dumps(told))


NO_SOUND = "sound_"
"""Prefix of error codes of recordings that no retry can hear."""
TellErased = Callable[[Iterable[Artifact]], Awaitable[object]]
"""Asks every worker to delete its copies."""
log = log_of("forgetting")


class Forgetting(Follower):
    """Erases a spoken wish's recordings once its tale is made; the words stay, so that it can be told again."""

    def __init__(
        self, artifacts: Artifacts, tales: Tales, files: Pool | None = None, tell_erased: TellErased | None = None
    ) -> None:
        self._artifacts, self._tales, self._tell_erased = artifacts, tales, tell_erased
        self._files = files or Pools().files
        self._tasks: set[asyncio.Task[None]] = set()

    def heard(self, tale: KeptTale, event: Event) -> None:
        """Erase what was recorded for a tale at its last event."""
        if isinstance(event, Done | Failed | Stopped) and tale.prompt.spoken:
            # A task: the tracker hands events on without waiting for anybody.
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
        # The file first: killed between the two, the row names a sound that is gone, never the reverse.
        await self._files.run(self._artifacts.erase, recordings)
        await self._tales.change(tale.id, prompt=replace(tale.prompt, text=words, recording=None, said=()))
        if self._tell_erased is not None:
            await self._tell_erased(recordings)


def _heard(prompt: Prompt) -> str:
    """Return the words of a prompt, as far as its recordings were transcribed."""
    told = [one.heard.text for one in prompt.spoken if one.heard is not None]
    return "\n".join(part for part in (prompt.text.strip(), *told) if part)
