"""A road with processes on it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.places import CHECKOUT
from pipeline.road.door import Door, door
from pipeline.road.listener import LAST
from pipeline.words.event import Event, Queued
from pipeline.words.prompt import Prompt
from pipeline.words.request import Asked, Tell
from tests.faults.nursery import Process, begun


@dataclass
class Stage:
    """A folder, a database and the executors on it."""

    folder: Path
    database_url: str = ""
    alive: list[Process] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.database_url = self.database_url or f"sqlite:///{self.folder}/road.db"

    def executor(self, name: str = "one", **more: Any) -> Process:
        """A process with the stand-in line, or with another `module`'s."""
        module = more.pop("module", "tests.faults.stand_in")
        told = {
            "database_url": self.database_url,
            "state": str(self.folder / "state"),
            "name": name,
            "marks": str(self.folder),
            "artifacts": str(self.folder / "artifacts"),
            **more,
        }
        environ = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
        process = begun(module, json.dumps(told), self.folder / f"{name}.log", environ)
        self.alive.append(process)
        return process

    def door(self) -> Door:
        """Towards it."""
        return door(self.database_url)

    def log(self, name: str = "one") -> str:
        """What an executor said."""
        return (self.folder / f"{name}.log").read_text("utf-8")

    def ran(self) -> list[str]:
        """Every run of a step that came to its end, in order."""
        marks = self.folder / "done"
        return [json.loads(line)[0] for line in marks.read_text().splitlines()] if marks.exists() else []

    def close(self) -> None:
        """No process of ours stays."""
        for process in self.alive:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()


def wish(job: str, seed: int = 1, server: str = "s", **more: Any) -> Asked:
    """A small tale."""
    live = more.pop("live", False)
    return Asked(job, Tell(Prompt(job, seed, **more), live), server=server)


async def heard(at: Door, job: str, until: Sequence[type[Event]] = LAST, *, places: bool = False) -> list[Event]:
    """Events of a job up to one of a kind; places in line, which are true for a moment only, where wanted."""
    events: list[Event] = []
    async for told in at.follow(job):
        if places or not isinstance(told.event, Queued):
            events.append(told.event)
        if isinstance(told.event, tuple(until)):
            break
    return events


async def eventually(true: Any, within_s: float = 30.0) -> None:
    """Wait until something holds."""
    until_s = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < until_s, "it never came true"
        await asyncio.sleep(0.05)
