"""What the executor holds, for the figures."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

from bot.tracker.metrics import Metrics
from pipeline.places import AT_WORK
from pipeline.road.door import Door
from pipeline.words.jsonable import from_json
from pipeline.words.standing import AtWork

STALE_S = 30.0
"""Whoever said nothing for so long is not at work."""


class Executors:
    """Gauges of memory, models and the line; each is looked at when somebody asks."""

    def __init__(self, metrics: Metrics, state: Path) -> None:
        self._metrics, self._file = metrics, state / AT_WORK
        self._last: int | None = None
        """The newest entry of what stages took."""
        self._models = metrics.gauge("model_memory_mb", "What a loaded model holds, in MB", "model", "device")
        self._used = metrics.gauge("device_used_mb", "Memory in use where models are", "device")
        self._most = metrics.gauge("device_budget_mb", "What models may take together there", "device")
        self._left = metrics.gauge("device_left", "1 while a device is left to somebody else's work", "device")
        self._line = metrics.gauge("queue_jobs", "Open jobs by lane, and whether they wait or run", "lane", "state")

    async def look(self, door: Door | None) -> None:
        """What stands now in place of what stood."""
        at_work = await asyncio.to_thread(self._read)
        for gauge in (self._models, self._used, self._most, self._left, self._line):
            gauge.clear()
        for one in at_work.loaded:
            self._models.labels(one.model, one.device).set(one.memory_mb)
        for device in at_work.devices:
            self._used.labels(device.device).set(device.used_mb)
            self._most.labels(device.device).set(device.most_mb)
        for name in at_work.left:
            self._left.labels(name).set(1)
        if door is not None:
            for (lane, state), count in (await door.in_line()).items():
                self._line.labels(lane, state).set(count)
            await self._spent(door)

    async def _spent(self, door: Door) -> None:
        """What was spent before the first look is not ours to tell."""
        first = self._last is None
        self._last, took = await door.spent_after(self._last or 0)
        for stage, seconds in [] if first else took:
            self._metrics.took(stage, seconds)

    def _read(self) -> AtWork:
        try:
            at_work = from_json(AtWork, json.loads(self._file.read_bytes()))
        except (OSError, ValueError):
            return AtWork(0.0)
        return at_work if time.time() - at_work.at < STALE_S else AtWork(at_work.at)
