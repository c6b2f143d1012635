"""Keeps an executor running."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.log import log_of
from pipeline.places import CHECKOUT
from pipeline.road.door import holder, last_beat, lives

LOOK_S = 1.0
LEAST_WAIT_S, MOST_WAIT_S = 1.0, 60.0
"""Seconds before it is started again: doubled with every early death."""
WELL_AFTER_S = 120.0
"""Seconds of running after which the next wait is short again."""
STUCK_AFTER_S = 60.0
"""Seconds without a beat after which the process is replaced."""
GOES_WITHIN_S = 20.0
"""How long a stop waits for it to finish its passage."""
_AT_ONCE = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL
log = log_of("keeper")


@dataclass(frozen=True)
class Charge:
    """The process to keep alive."""

    command: Sequence[str]
    """Starts it."""
    state: Path
    """Folder of its lock."""
    name: str
    environ: Mapping[str, str] = field(default_factory=dict)
    """Set besides the bot's own environment."""


class Keeper:
    """Starts the executor, takes over one that outlived an earlier bot, replaces one that died or hangs."""

    def __init__(
        self,
        charge: Charge,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._charge = charge
        self._sleep = sleep
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._process: asyncio.subprocess.Process | None = None
        self.starts = 0
        """How often it was started."""

    async def keep(self) -> None:
        """Keep it alive until cancelled; the executor outlives this, so that a new bot finds it at work."""
        wait_s = LEAST_WAIT_S
        while True:
            began_s = self._clock()
            try:
                await self._one_life()
            except Exception as error:
                # Without memory or descriptors it cannot be started now; nobody else would ever try again.
                log.exception("executor_not_kept", name=self._charge.name, why=str(error))
            lived_s = self._clock() - began_s
            wait_s = LEAST_WAIT_S if lived_s > WELL_AFTER_S else min(MOST_WAIT_S, wait_s * 2)
            log.warning("executor_gone", name=self._charge.name, lived_s=round(lived_s, 1), again_in_s=wait_s)
            await self._sleep(wait_s)

    async def stop(self) -> None:
        """Ask it to finish its passage and exit."""
        pid = await asyncio.to_thread(holder, self._charge.state, self._charge.name)
        if not pid:
            return
        _signal(pid, signal.SIGTERM)
        until_s = self._clock() + GOES_WITHIN_S
        while await self._alive() and self._clock() < until_s:
            await self._sleep(0.1)

    async def _one_life(self) -> None:
        if await self._alive():
            log.info("executor_adopted", name=self._charge.name)
        else:
            await self._start()
        await self._watched()

    async def _start(self) -> None:
        self.starts += 1
        self._process = await asyncio.create_subprocess_exec(
            *self._charge.command,
            cwd=CHECKOUT,
            env={**os.environ, **self._charge.environ},
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C at the bot's terminal must not reach it: `stop` asks it to go
        )
        # It is there once it holds its lock; a process that dies before that ends the wait too.
        while self._process.returncode is None and not await self._alive():
            await self._sleep(LOOK_S / 4)

    async def _watched(self) -> None:
        """Watch until it is gone; kill it where it is stuck."""
        beat, since_s = -1, self._clock()
        while await self._alive():
            now = await asyncio.to_thread(last_beat, self._charge.state, self._charge.name)
            if now != beat:
                beat, since_s = now, self._clock()
            elif self._clock() - since_s > STUCK_AFTER_S:
                log.error("executor_silent", name=self._charge.name, seconds=STUCK_AFTER_S)
                _signal(await asyncio.to_thread(holder, self._charge.state, self._charge.name), _AT_ONCE)
                since_s = self._clock()
            await self._sleep(LOOK_S)
        if self._process is not None:  # waited for, or it would stay a zombie
            await self._process.wait()
            self._process = None

    async def _alive(self) -> bool:
        return await asyncio.to_thread(lives, self._charge.state, self._charge.name)


def here(state: Path, name: str, home: Path | None = None) -> Charge:
    """Return the executor of this machine, as the verb `worker` starts it; in the bot's home unless given another."""
    environ = {"ECHOTALES_HOME": str(home)} if home else {}
    return Charge((sys.executable, str(CHECKOUT / "echotales.py"), "worker", "--name", name), state, name, environ)


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):  # it just ended by itself
        if pid:
            os.kill(pid, number)
