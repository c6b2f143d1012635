"""Folders and tasks for a moment."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any


@asynccontextmanager
async def momentary_folder(what: str) -> AsyncIterator[Path]:
    """Gone after the block; made and emptied on a thread, for a busy disk holds whoever waits for it."""
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=f"echotales-{what}-"))
    try:
        yield folder
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, object], name: str) -> AsyncIterator[None]:
    """Work goes on beside the block, and is ended with it."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
