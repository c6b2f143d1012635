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
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.library.library import open_library
from bot.library.posts import posts_of
from bot.library.records import KeptTale, TaleState
from pipeline.places import CHECKOUT
from pipeline.road.engine import connect
from pipeline.road.ledger import Ledger, jobs
from tests.bot.scene import Scene, on_stage
from tests.bot.troupe import TROUPE
from tests.discord_double.people import Message
from tests.discord_double.post import LOADING
from tests.faults.killing import Say, Toll, tell_aloud
from tests.faults.nursery import Process
from tests.faults.traps import PLACES
from tests.faults.witness import Witness

PASSAGES = 3
PATIENCE_S = 180.0
READY_S = 300.0
"""A machine that is busy elsewhere starts nobody in a minute."""


async def kill_the_bot_often(home: Path, kills: int, seed: int, say: Say = tell_aloud) -> Toll:
    """Bot, executor or both die at random moments while members ask; who is dead starts again at once."""
    async with on_stage(home, works=False) as scene:
        scene.double.limits.counting = False
        reaper = _Reaper(scene, random.Random(seed))
        began_s = time.monotonic()
        try:
            await reaper.ready()
            while reaper.kills < kills:
                await reaper.ask()
                await asyncio.sleep(reaper.chance.uniform(0.1, 3.0))
                await reaper.kill_somebody()
                await asyncio.to_thread(reaper.witness.look)
                reaper.delivered.look()
                await reaper.ready()
                say(f"{reaper.kills} of {kills} kills, {reaper.asked} wishes, {time.monotonic() - began_s:.0f} s")
            await reaper.ask()
            await reaper.come_to_rest()
        finally:
            reaper.close()
        return await _toll(scene, reaper)


class _Reaper:
    def __init__(self, scene: Scene, chance: random.Random) -> None:
        self.scene, self.chance = scene, chance
        self.kills = self.trapped = self.asked = 0
        self.witness = Witness(scene.stage.database_url, scene.home / "artifacts")
        self.delivered = _Delivered(scene)
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
            assert time.monotonic() < until_s, (self.scene.home / "bot.log").read_text("utf-8")[-2000:]
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
            self.trapped += self._executor.returncode == -signal.SIGKILL
        both: list[list[Process]] = [[self._bot], [self._bot, self._executor], [self._executor]]
        whose = self.chance.choice(both)
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

    def _start_executor(self) -> tuple[Process, bool]:
        armed = self.chance.random() < 0.5
        more: dict[str, Any] = {"troupe": {"step_s": 0.1, "passages": PASSAGES, "seconds": 0.3}}
        more["deaths_before_a_step_fails"] = 10**6  # they die of us
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


class _Delivered:
    """Messages with files, as they were first seen: what is delivered may not change."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._first: dict[int, tuple[Any, Any]] = {}

    def look(self) -> None:
        """Once more."""
        for number, message in self._messages().items():
            if message.data.get("attachments"):
                self._first.setdefault(number, _said_in(message.data))

    def changed(self, cards: Collection[int]) -> set[str]:
        """Those whose files or words are others now, or that are gone; a card's words may change."""
        self.look()
        now = {number: _said_in(one.data) for number, one in self._messages().items() if not one.deleted}
        others = [
            number
            for number, (files, words) in self._first.items()
            if number not in now or now[number][0] != files or (number not in cards and now[number][1] != words)
        ]
        return {f"message {number}" for number in others}

    def _messages(self) -> Mapping[int, Message]:
        return self._scene.double.world.messages


def _said_in(data: Mapping[str, Any]) -> tuple[Any, Any]:
    files = tuple((one["filename"], one["size"]) for one in data.get("attachments", ()))
    return files, (data.get("content", ""), str(data.get("embeds", "")))


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
    due = {message for one in tales for _, message in posts_of(one.tale)}
    whole = [one for one in tales if one.state == "SUCCESS" and one.tale.state is TaleState.DONE]
    unseen = [one for one in whole if int(one.tale.card_message or 0) not in ours]
    cards = {int(one.tale.card_message) for one in tales if one.tale.card_message}
    changed = reaper.witness.changed() | reaper.delivered.changed(cards)
    lost = len(tales) - len(whole) + len(unseen)
    for number in answered - due:
        tell_aloud(f"nobody's message: {messages[number].data}")
    return Toll(reaper.kills, reaper.trapped, len(tales), lost, len(answered - due), len(changed))


async def _tales(scene: Scene) -> list[_Seen]:
    ledger = Ledger(connect(scene.stage.database_url))
    states = dict(ledger.rows(sa.select(jobs.c.workflow_uuid, jobs.c.status)))
    ledger.engine.dispose()
    async with open_library(scene.home) as library:
        kept = [(await library.tales.get(job), state) for job, state in states.items()]
    return [_Seen(tale, state) for tale, state in kept if tale is not None]
