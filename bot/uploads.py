"""Members' attachments, until they are kept."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.pools import Pool
from pipeline.artifacts import Artifacts
from pipeline.errors import TaleError
from pipeline.words.sound import Artifact

AT_ONCE = 4
"""Attachments in memory at any time; each may weigh 25 MB."""


@dataclass(frozen=True)
class Upload:
    """Recording that was fetched and is not kept yet."""

    data: bytes
    suffix: str
    """Of its file, with the dot."""


@dataclass(frozen=True)
class Uploads:
    """Keeps attachments with the tale that they are for; a few are in memory at a time."""

    artifacts: Artifacts
    files: Pool
    erase: Callable[[Artifact, str], Awaitable[None]]
    """Erases a sound unless something else than this tale names it."""
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    """Held from the fetching of an attachment until its tale is begun or refused."""
    _held: Counter[str] = field(default_factory=Counter)

    @asynccontextmanager
    async def kept(self, upload: Upload, tale: str) -> AsyncIterator[Artifact]:
        """Keep the recording for a tale; where the block refuses the tale, the recording is erased too."""
        artifact = await self.files.run(self.artifacts, upload.data, upload.suffix)
        # Artifacts are named by content: two members may send the same file at the same moment.
        self._held[artifact.sha256] += 1
        try:
            yield artifact
        except TaleError:
            if self._held[artifact.sha256] == 1:  # nobody else asks for a tale of the same file just now
                await self.erase(artifact, tale)
            raise
        finally:
            self._held[artifact.sha256] -= 1
