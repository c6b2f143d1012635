"""A worker process with real small models."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pipeline.artifacts import Artifacts
from pipeline.places import CHECKOUT, Places
from pipeline.road.door import Door, door

WORKER = "import sys; from pipeline.cli.worker import main; sys.exit(main(sys.argv[1:]))"


@asynccontextmanager
async def worker(
    folder: Path, profile: str = "tiny", *more: str, name: str = "one", url: str = "", core: int | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """At work in this folder until the block ends; this machine's weights, a database and sounds of its own."""
    home = folder / "home"
    if not home.exists():
        home.mkdir()
        (home / "cache").symlink_to(Places.here().cache)
    environ = {**os.environ, "ECHOTALES_HOME": str(home), "PYTHONPATH": str(CHECKOUT)}
    environ |= {"ECHOTALES_DATABASE_URL": url or f"sqlite:///{folder}/road.db"}
    command = [sys.executable, "-c", WORKER, "--name", name, "--profile", profile, *more]
    if core is not None:
        # One core, one thread: what a second worker brings is then its own.
        command = ["taskset", "-c", str(core), *command]
        environ |= {"OMP_NUM_THREADS": "1", "ECHOTALES_ARTIFACTS_URL": f"file://{folder.parent}/depot"}
    process = await asyncio.create_subprocess_exec(*command, env=environ, cwd=CHECKOUT)
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


def door_to(folder: Path) -> Door:
    """Its road."""
    return door(f"sqlite:///{folder}/road.db")


def kept_by(folder: Path) -> Artifacts:
    """Its sounds."""
    return Artifacts(folder / "home" / "artifacts")
