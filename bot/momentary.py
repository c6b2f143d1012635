"""Folders for a moment, made aside."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


@asynccontextmanager
async def momentary_folder(what: str) -> AsyncIterator[Path]:
    """Gone after the block; made and emptied on a thread, for a busy disk holds whoever waits for it."""
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=f"echotales-{what}-"))
    try:
        yield folder
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))
