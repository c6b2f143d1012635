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
    """Make a folder for the length of the block; on threads, since a busy disk would hold the event loop."""
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=f"echotales-{what}-"))
    try:
        yield folder
    finally:
        # Shielded: members' sounds lie in it, and a cancelled press must not leave them behind.
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, object], name: str) -> AsyncIterator[None]:
    """Run work beside the block, and cancel it with the block's end."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
