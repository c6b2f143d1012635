"""What the bot costs its members."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pipeline.places import CHECKOUT, Places
from tests.bench._machine import reference, reference_lines
from tests.bot.troupe import QUICK, TROUPE
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.members.person import Person
from tests.discord_double.members.reply import Reply
from tests.discord_double.people import Kind
from tests.faults.stage import Stage

ASKED = ("queue", "help", "about")
EACH_S = 0.05
READY_WITHIN_S = 120.0
TITLE = "The Keeper and the Storm"


def main(argv: Sequence[str]) -> int:
    """`bench bot [--json]`: a bot in a process of its own on the loopback Discord, the executor in a third."""
    parser = argparse.ArgumentParser(prog="echotales.py bench bot")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--commands", type=int, default=200, help="asked twenty a second (%(default)s)")
    parser.add_argument("--servers", type=int, default=1_000, help="whose state is weighed (%(default)s)")
    parser.add_argument("--cards", type=int, default=50, help="open when the bot is killed (%(default)s)")
    parser.add_argument("--real", metavar="PROFILE", help="load the machine with this profile's own executor")
    parser.add_argument("--why", action="store_true", help="say where the loop is held when it is late")
    args = parser.parse_args(argv)
    figures = asyncio.run(_measured(args))
    if args.json:
        print(json.dumps({name: round(value, 1) for name, value in figures.items()} | reference()))
        return 0
    for name, value in figures.items():
        print(f"{name:<24} {value:9.1f}")
    print(reference_lines())
    return 0


async def _measured(args: argparse.Namespace) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="echotales-bench-") as folder:
        figures = await _answers(Path(folder) / "answers", args)
        figures |= await _state(Path(folder) / "state", args.servers)
        return figures | await _cards(Path(folder) / "cards", args.cards)


async def _answers(home: Path, args: argparse.Namespace) -> dict[str, float]:
    """Tales are made, one of them aloud, while members ask."""
    async with _evening(home) as (double, stage):
        guild = double.guild()
        people = [guild.member(f"M{nth}") for nth in range(20)]
        async with _apart(double, home, why=args.why) as bot:
            _load(stage, home, args.real)
            await people[0].joins(guild.voice)
            for one in people[:3]:
                await (await one.slash("tale", prompt="a lighthouse", length="medium")).done()
            await people[0].hears(seconds=2) if not args.real else await asyncio.sleep(30)
            await bot.figures()
            times = await asyncio.gather(*(_asked(people[nth % 20], nth) for nth in range(args.commands)))
            told = await bot.figures()
            if args.why:
                print((home / "blockers.txt").read_text("utf-8"), file=sys.stderr)
            times_ms = sorted(times)
            return {
                "answer_ms_p99": times_ms[int(len(times_ms) * 0.99)],
                "answer_ms_median": times_ms[len(times_ms) // 2],
                "loop_lag_ms_p99": told["lag_ms"],
                "loop_own_ms_p99": told["own_ms"],
            }


async def _asked(person: Person, nth: int) -> float:
    await asyncio.sleep(nth * EACH_S)
    began = time.perf_counter()
    reply = await person.slash(ASKED[nth % len(ASKED)])
    return float("inf") if reply.failed else 1000 * (time.perf_counter() - began)


async def _state(home: Path, servers: int) -> dict[str, float]:
    """Each with ten channels and ten roles; nobody's members are remembered but those in voice."""
    async with _evening(home) as (double, _):
        alone = double.guild()
        async with _apart(double, home) as bot:
            empty_mb = (await bot.figures())["rss_mb"]
        for nth in range(servers - 1):
            guild = double.guild(f"Server {nth}")
            for room in range(8):
                guild.channel(Kind.TEXT, f"room-{room}")
            for role in range(9):
                guild.role(f"role-{role}", 0)
        async with _apart(double, home) as bot:
            full = await bot.figures()
            assert full["guilds"] == servers, f"{full['guilds']} of {servers} servers came; {alone.id} was first"
            return {f"state_mb_{servers}_servers": full["rss_mb"], "state_mb_1_server": empty_mb}


async def _cards(home: Path, cards: int) -> dict[str, float]:
    """Killed in the middle, begun again: how many cards never say their last word."""
    async with _evening(home) as (double, stage):
        guild = double.guild()
        people = [guild.member(f"M{nth}") for nth in range(cards)]
        async with _apart(double, home) as bot:
            told = await asyncio.gather(*(one.tale("a lighthouse") for one in people))
            for reply in told:
                await reply.done()
            bot.process.send_signal(signal.SIGKILL)
            bot.process.wait()
        stage.executor(module=TROUPE, tales_in_flight=4, troupe=QUICK)
        async with _apart(double, home):
            until_s = time.monotonic() + 120
            while (lost := _unfinished(told, people[0])) and time.monotonic() < until_s:  # noqa: ASYNC110 - cards tell nobody
                await asyncio.sleep(0.5)
        return {"cards_lost": float(lost)}


def _unfinished(told: Sequence[Reply], reader: Person) -> int:
    """Cards without their tale, or tales without their sound, whichever are more."""
    delivered = sum(bool(seen.files) for seen in reader.screen())
    return max(sum(TITLE not in one.shown.text for one in told), len(told) - delivered)


@asynccontextmanager
async def _evening(home: Path) -> AsyncIterator[tuple[LoopbackDiscord, Stage]]:
    places = Places(home / "cache", home)
    places.state.mkdir(parents=True)
    stage = Stage(home, places.road(""))
    try:
        async with LoopbackDiscord() as double:
            double.limits.counting = False
            yield double, stage
    finally:
        stage.close()


def _load(stage: Stage, home: Path, real: str | None) -> None:
    """The real executor of a profile, or the troupe with a process that burns what is left."""
    if not real:
        stage.executor(module=TROUPE, troupe={"step_s": 0.1, "passages": 200})
        burner = [sys.executable, "-c", "from pipeline.executor import be_polite\nbe_polite()\nwhile True: pass"]
        stage.alive.append(subprocess.Popen(burner, cwd=CHECKOUT, start_new_session=True))
        return
    (home / "cache").mkdir()
    (home / "cache" / "weights").symlink_to(Places.here().weights)
    command = [sys.executable, "echotales.py", "worker", "--name", "bench", "--profile", real]
    environ = {**os.environ, "ECHOTALES_HOME": str(home)}
    stage.alive.append(subprocess.Popen(command, cwd=CHECKOUT, env=environ, stderr=subprocess.DEVNULL))


class _Apart:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    async def figures(self) -> dict[str, Any]:
        """Since the last time."""
        return await asyncio.to_thread(self._figures)

    def _figures(self) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("figures\n")
        self.process.stdin.flush()
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told


@asynccontextmanager
async def _apart(double: LoopbackDiscord, home: Path, *, why: bool = False) -> AsyncIterator[_Apart]:
    """A bot, until the block ends; given once it knows its servers."""
    about = {"port": double.port, "authority": str(double.authority), "token": double.token, "home": str(home)}
    about |= {"why": why}
    process = _begun(about, home / "bot.log")
    bot = _Apart(process)
    try:
        until_s = time.monotonic() + READY_WITHIN_S
        while not (await bot.figures())["ready"] and time.monotonic() < until_s:  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.2)
        yield bot
    finally:
        if process.poll() is None and process.stdin is not None:
            process.stdin.close()
        await asyncio.to_thread(process.wait)


def _begun(about: dict[str, Any], log: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.bench._bot_apart", json.dumps(about)]
    pipe = subprocess.PIPE
    with log.open("ab") as said:
        return subprocess.Popen(command, cwd=CHECKOUT, stdin=pipe, stdout=pipe, stderr=said, text=True)
