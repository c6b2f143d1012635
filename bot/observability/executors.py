"""Gauges of executors and their queue."""

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
"""Seconds after which an executor's report counts as old: it is not running."""


class Executors:
    """Gauges of memory, models and the queue; read when somebody asks for the metrics."""

    def __init__(self, metrics: Metrics, state: Path) -> None:
        self._metrics, self._file = metrics, state / AT_WORK
        self._last: int | None = None
        """Number of the newest entry read of what stages took."""
        self._models = metrics.gauge("model_memory_mb", "What a loaded model holds, in MB", "model", "device")
        self._used = metrics.gauge("device_used_mb", "Memory in use where models are", "device")
        self._most = metrics.gauge("device_budget_mb", "What models may take together there", "device")
        self._left = metrics.gauge("device_left", "1 while a device is left to somebody else's work", "device")
        self._line = metrics.gauge("queue_jobs", "Open jobs by lane, and whether they wait or run", "lane", "state")

    async def look(self, door: Door | None) -> None:
        """Set all gauges to what is there now."""
        at_work = await asyncio.to_thread(self._read)
        # Cleared first: a model that was unloaded has no entry that would set its gauge to 0.
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
        """Count what stages took since the last look; what an earlier bot saw is not counted again."""
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
