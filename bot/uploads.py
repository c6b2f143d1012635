"""What members attach, until it is kept."""

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
    """A recording that was fetched and is not kept yet."""

    data: bytes
    suffix: str
    """With its dot."""


@dataclass(frozen=True)
class Uploads:
    """Fetched a few at a time; kept with the tale that is begun, and with no other."""

    artifacts: Artifacts
    files: Pool
    erase: Callable[[Artifact, str], Awaitable[None]]
    """Lets go of a sound unless something else than this tale names it."""
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    """Held from the fetching of an attachment until its tale is begun or refused."""
    _held: Counter[str] = field(default_factory=Counter)

    @asynccontextmanager
    async def kept(self, upload: Upload, tale: str) -> AsyncIterator[Artifact]:
        """The recording for a tale; where the block refuses the tale, the recording goes too."""
        artifact = await self.files.run(self.artifacts, upload.data, upload.suffix)
        self._held[artifact.sha256] += 1
        try:
            yield artifact
        except TaleError:
            if self._held[artifact.sha256] == 1:  # nobody else is just asking for a tale of the same
                await self.erase(artifact, tale)
            raise
        finally:
            self._held[artifact.sha256] -= 1
