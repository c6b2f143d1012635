"""Kills, counted by what members see."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.library.kept import KeptTale, TaleState
from bot.library.library import open_library
from pipeline.places import CHECKOUT
from pipeline.road.engine import connect
from pipeline.road.ledger import Ledger, jobs
from tests.bot.scene import Scene, on_stage
from tests.bot.troupe import TROUPE
from tests.discord_double.post import LOADING
from tests.faults.killing import Toll
from tests.faults.traps import PLACES

PASSAGES = 3
PATIENCE_S = 180.0
READY_S = 60.0


async def kill_the_bot_often(home: Path, kills: int, seed: int) -> Toll:
    """Bot, executor or both die at random moments while members ask; who is dead starts again at once."""
    async with on_stage(home, works=False) as scene:
        scene.double.limits.counting = False
        reaper = _Reaper(scene, random.Random(seed))
        try:
            await reaper.ready()
            while reaper.kills < kills:
                await reaper.ask()
                await asyncio.sleep(reaper.chance.uniform(0.1, 3.0))
                await reaper.kill_somebody()
                await reaper.ready()
            await reaper.ask()
            await reaper.come_to_rest()
        finally:
            reaper.close()
        return await _toll(scene, reaper)


class _Reaper:
    def __init__(self, scene: Scene, chance: random.Random) -> None:
        self.scene, self.chance = scene, chance
        self.kills = self.trapped = self.asked = 0
        self._dead: set[str] = set()
        """Sessions of bots that were killed."""
        self._bot = self._start_bot()
        self._executor, self._is_trapped = self._start_executor()
        self._asking: set[asyncio.Task[Any]] = set()

    async def ready(self) -> None:
        """Both live, and the bot has its commands."""
        if self._executor.poll() is not None:
            self._executor, self._is_trapped = self._start_executor()
        if self._bot.poll() is not None:
            self._bot = self._start_bot()
        until_s = time.monotonic() + READY_S
        while not {one.id for one in self.scene.double.sessions() if one.connected} - self._dead:
            assert time.monotonic() < until_s, "the bot never came"
            assert self._bot.poll() is None, (self.scene.home / "bot.log").read_text("utf-8")[-2000:]
            await asyncio.sleep(0.05)

    async def ask(self) -> None:
        """Two members want a tale each; the bot may die before it answers, and then nothing was promised."""
        for _ in range(2):
            self.asked += 1
            person = self.scene.guild.member(f"M{self.asked}")
            task = asyncio.create_task(person.tale(f"tale {self.asked}"))
            self._asking.add(task)

    async def kill_somebody(self) -> None:
        if self._is_trapped:
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._executor.wait, 8.0)
            self.trapped += self._executor.poll() is not None
        whose = self.chance.choice([[self._bot], [self._bot, self._executor], [self._executor]])
        for who in [self._executor] if self._is_trapped else whose:
            if who.poll() is None:
                if who is self._bot:
                    self._dead |= {one.id for one in self.scene.double.sessions()}
                who.send_signal(signal.SIGKILL)
            await asyncio.to_thread(who.wait)
        self.kills += 1

    async def come_to_rest(self) -> None:
        """Everything that was begun is brought to its end."""
        self.chance = random.Random(0)
        self.chance.random = lambda: 1.0  # type: ignore[method-assign] # no more traps
        self._executor.kill()
        await asyncio.to_thread(self._executor.wait)
        await self.ready()
        await asyncio.gather(*self._asking, return_exceptions=True)
        until_s = time.monotonic() + PATIENCE_S
        while await self._open() and time.monotonic() < until_s:  # noqa: ASYNC110 - processes share no event
            await asyncio.sleep(1.0)
        await asyncio.sleep(3.0)  # the cards' last edits

    def close(self) -> None:
        if self._bot.poll() is None:
            self._bot.kill()
        self._bot.wait()

    async def _open(self) -> int:
        async with open_library(self.scene.home) as library:
            return len(await library.tales.open_ones())

    def _start_executor(self) -> tuple[subprocess.Popen[bytes], bool]:
        armed = self.chance.random() < 0.5
        more: dict[str, Any] = {"troupe": {"step_s": 0.1, "passages": PASSAGES, "seconds": 0.3}}
        if armed:
            more["trap"] = [self.chance.choice(PLACES), self.chance.randrange(1_000_000)]
        return self.scene.stage.executor(module=TROUPE, **more), armed

    def _start_bot(self) -> subprocess.Popen[bytes]:
        double = self.scene.double
        told = {"port": double.port, "authority": str(double.authority), "token": double.token}
        with (self.scene.home / "bot.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.faults.bot_process", json.dumps(told | {"home": str(self.scene.home)})],
                cwd=CHECKOUT,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            )


@dataclass(frozen=True)
class _Seen:
    tale: KeptTale
    state: str
    """Of its job on the road."""


async def _toll(scene: Scene, reaper: _Reaper) -> Toll:
    tales = await _tales(scene)
    messages = scene.double.world.messages
    ours = {
        number
        for number, one in messages.items()
        if one.data["author"]["id"] == str(scene.double.bot.id) and not one.deleted and one.visible_to is None
    }
    answered = {number for number in ours if not messages[number].data["flags"] & LOADING}
    due = {int(number) for one in tales for number in (one.tale.card_message, *one.tale.delivered) if number}
    whole = [one for one in tales if one.state == "SUCCESS" and one.tale.state is TaleState.DONE]
    unseen = [one for one in whole if int(one.tale.card_message or 0) not in ours]
    return Toll(reaper.kills, reaper.trapped, len(tales), len(tales) - len(whole) + len(unseen), len(answered - due), 0)


async def _tales(scene: Scene) -> list[_Seen]:
    ledger = Ledger(connect(scene.stage.database_url))
    states = dict(ledger.rows(sa.select(jobs.c.workflow_uuid, jobs.c.status)))
    ledger.engine.dispose()
    async with open_library(scene.home) as library:
        kept = [(await library.tales.get(job), state) for job, state in states.items()]
    return [_Seen(tale, state) for tale, state in kept if tale is not None]
