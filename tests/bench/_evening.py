"""A bot, an executor, somebody who listens."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bot.app import build
from bot.client import TaleBot
from bot.library.records import KeptTale, TaleState
from bot.voice.discord_inside import OpenVoice
from bot.voice.player.player import Booth
from pipeline.artifacts import Artifacts
from pipeline.audio.live import Hold
from pipeline.places import CHECKOUT, Places
from pipeline.road.door import lives, read_answer
from pipeline.words.event import Event
from pipeline.words.sound import RATE_HZ
from pipeline.words.tale import Tale
from pipeline.words.timeline import Timeline
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.members.person import Person
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.running import running

NAME = "bench"
WITHIN_S = 600.0


@dataclass(frozen=True)
class Sent:
    """One packet that left the bot."""

    at_s: float
    """By the performance counter."""
    sequence: int
    tale: str
    at: int
    """The sample of the timeline that is in it."""


@dataclass
class Evening:
    """What is needed to ask, listen and measure."""

    double: LoopbackDiscord
    guild: Neighbourhood
    bot: TaleBot
    ana: Person
    artifacts: Artifacts
    executor: subprocess.Popen[bytes]
    sent: list[Sent] = field(default_factory=list)
    underruns: dict[str, int] = field(default_factory=dict)
    holds: dict[str, tuple[Hold, ...]] = field(default_factory=dict)
    came: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    """When each kind of a tale's events reached the booth, by the double's clock."""
    joined: list[float] = field(default_factory=list)
    """When the bot stood in the call."""

    @property
    def booth(self) -> Booth:
        """The server's."""
        return self.bot.services.booths.of(self.guild.id)

    async def asks(self, text: str, **options: object) -> float:
        """/tale, and when it was asked, by the double's clock."""
        at_s = self.double.clock.now_s()
        await self.ana.tale(text, **options)
        return at_s

    async def tale(self, text: str) -> tuple[KeptTale, Tale]:
        """The finished one that was asked by these words."""
        tales = self.bot.services.library.tales
        while True:
            found = [one for one in await tales.every() if one.prompt.text == text]
            assert self.executor.poll() is None, "the executor is gone, which is no measure of anything"
            assert not found or found[0].state not in (TaleState.FAILED, TaleState.STOPPED), "it was not told"
            if found and found[0].artifact is not None and found[0].state is TaleState.DONE:
                return found[0], await asyncio.to_thread(read_answer, found[0].artifact, Tale, self.artifacts)
            await asyncio.sleep(1.0)

    @asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """Meanwhile somebody else has files made, one after the other: the executor never rests."""
        rui = self.guild.member("Rui")

        async def asking() -> None:
            for nth in count():
                text = f"a bridge that counts its travellers, number {nth}"
                await rui.tale(text, where="upload", length="long")
                await self.tale(text)

        task = asyncio.create_task(asking())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def told(self) -> None:
        """Until nothing is told any more."""
        await until(lambda: not self.booth.busy)

    def heard_s(self, tale: str, sample: int) -> float:
        """When this sample of a tale reached the listener, by the double's clock."""
        first = next(one for one in self.sent if one.tale == tale and one.at >= sample)
        assert self.ana.voice is not None, "the listener sits in the call"
        return next(frame.at_s for frame in self.ana.voice.heard if frame.sequence == first.sequence)

    def follow(self) -> None:
        """Note every event from now on."""
        booths = self.bot.services.booths
        heard = booths.heard

        def noted(tale: KeptTale, event: Event) -> None:
            self.came.setdefault((tale.id, event.kind), []).append(self.double.clock.now_s())
            heard(tale, event)

        booths.heard = noted  # type: ignore[method-assign] # a bench looks on

    def watch(self, voice: OpenVoice) -> None:
        """Note every packet from now on."""
        self.joined.append(self.double.clock.now_s())
        send = voice.send_audio_packet

        def noted(data: bytes, *, encode: bool = True) -> None:
            send(data, encode=encode)
            turn = self.booth.turn
            if turn is not None and turn.mouth is not None:
                self.underruns[turn.tale.id] = turn.mouth.underruns
                self.holds[turn.tale.id] = turn.mouth.holds
                self.sent.append(Sent(time.perf_counter(), voice.sequence, turn.tale.id, turn.mouth.at))

        voice.send_audio_packet = noted  # type: ignore[method-assign] # a bench looks on


@asynccontextmanager
async def evening(home: Path, profile: str) -> AsyncIterator[Evening]:
    """With a warm executor on the same machine."""
    places = Places(home / "cache", home)
    places.cache.mkdir(parents=True)
    places.weights.symlink_to(Places.here().weights)
    executor = _executor(home, profile)
    try:
        await until(lambda: lives(places.state, NAME) and "executor_ready" in (home / "executor.log").read_text())
        async with LoopbackDiscord() as double:
            guild = double.guild()
            ana = guild.member("Ana")
            await ana.joins(guild.voice)
            bot = build(double.token, connector=double.connector(), home=home, keep_executor=False)
            async with running(double, bot):
                found = Evening(double, guild, bot, ana, Artifacts(places.artifacts), executor)
                bot.services.booths.call(guild.id).on_voice.append(found.watch)
                found.follow()
                yield found
    except BaseException:
        sys.stderr.write((home / "executor.log").read_text("utf-8")[-4_000:])
        raise
    finally:
        with suppress(ProcessLookupError):
            os.killpg(executor.pid, signal.SIGKILL)
        executor.wait()


def first_line(timeline: Timeline) -> int:
    """The sample at which the first word begins."""
    return next(
        placed.start + line.start
        for placed in timeline.placed
        if placed.spoken is not None
        for line in placed.spoken.lines
    )


def seconds(timeline: Timeline) -> float:
    """Of the tale."""
    return timeline.samples / RATE_HZ


def _executor(home: Path, profile: str) -> subprocess.Popen[bytes]:
    with (home / "executor.log").open("wb") as log:
        return subprocess.Popen(
            [
                sys.executable,
                str(CHECKOUT / "echotales.py"),
                "worker",
                "--name",
                NAME,
                "--profile",
                profile,
                "--offline",
            ],
            cwd=CHECKOUT,
            env={**os.environ, "ECHOTALES_HOME": str(home)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


async def until(true: Callable[[], bool]) -> None:
    """Wait for it, but not for ever."""
    async with asyncio.timeout(WITHIN_S):
        while not true():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)
