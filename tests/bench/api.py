"""The open door, measured."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import aiohttp

from pipeline.artifacts import Artifacts
from pipeline.cancelled import Cancelled
from pipeline.cli.speak import narrator_for
from pipeline.errors import Unserved
from pipeline.places import CHECKOUT, Places
from pipeline.roles import Narrator
from pipeline.telling.narrate import narrate
from pipeline.telling.studio import Studio
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Prompt
from pipeline.words.story import Facts, Passage, Person, Plan
from pipeline.writing.verbatim import pieces_of
from tests.bench._door_edit import edit_cost
from tests.bench._door_pages import seen
from tests.bot.troupe import TROUPE
from tests.bot.web.hostile import attack
from tests.bot.web.opened import Opened, door_open
from tests.faults.stage import Stage

TEXTS = (
    "The baker opened his door before the sun was up. Nobody was in the street but a cat with one white ear.",
    "It had rained since Tuesday. The river stood at the garden wall, and the children counted boats.",
    "Nora wrote a letter to her brother. She wrote of the harvest, of the new bridge, and not of the fire.",
    "A drum was heard from the hills. The old men put their cards down and looked at each other.",
    "On the last day of the fair the juggler lost his hat. It was found in a tree, with a bird in it.",
    "The train was late again. Two sisters shared an orange on the platform and said nothing for an hour.",
)
FOLLOWERS = 200
WITHIN_S = 120.0


def main(argv: list[str]) -> int:
    """Print a table, or one object with --json."""
    args = _parser().parse_args(argv)
    told: dict[str, Any] = {}
    only = args.only or ["first_byte", "followers", "edit", "hostile", "pages"]
    if "first_byte" in only:
        told |= asyncio.run(_first_byte(args.rounds))
    if "followers" in only:
        told |= asyncio.run(_followers())
    if "edit" in only:
        cost = edit_cost(args.minutes, args.seed)
        told |= {"edit_cost_share": round(cost.share, 3), "edit_tale_minutes": round(cost.minutes, 2)}
        told |= {"edit_tale_cpu_s": round(cost.tale_s, 1), "edit_same": cost.same}
        told |= {f"edit_{name}_cpu_s": round(took_s, 1) for name, took_s in cost.edits_s.items()}
    if "hostile" in only:
        told |= asyncio.run(_hostile(args.hostile, args.seed))
    if "pages" in only:
        told |= asyncio.run(_pages(args))
    print(json.dumps(told) if args.json else "\n".join(f"{name:<24} {value}" for name, value in told.items()))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="echotales.py bench api")
    parser.add_argument("--only", action="append", choices=["first_byte", "followers", "edit", "hostile", "pages"])
    parser.add_argument("--rounds", type=int, default=6, help="of speech, in turns with `speak`")
    parser.add_argument("--minutes", type=float, default=5.0, help="of the tale of which a line is changed")
    parser.add_argument("--hostile", type=int, default=10_000, help="requests")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--chromium", default=shutil.which("chromium") or "", help="a browser; without it no pages")
    parser.add_argument("--axe", type=Path, help="axe.min.js of the npm package axe-core")
    parser.add_argument("--pictures", type=Path, help="a folder for pictures of the pages")
    parser.add_argument("--json", action="store_true")
    return parser


async def _first_byte(rounds: int) -> dict[str, Any]:
    """Time to the first sound of /v1/audio/speech, in turns with the first line of `speak`."""
    with (
        tempfile.TemporaryDirectory(prefix="echotales-bench-") as folder,
        narrator_for("en", offline=True) as (_, mouth),
    ):
        home = Path(folder)
        (home / "cache").symlink_to(Places.here().cache, target_is_directory=True)
        async with _real_door(home) as door:
            for text in TEXTS[:2]:
                await _spoken_ms(door, text)
                await asyncio.to_thread(_line_ms, mouth, text)
            several = [await _pair(door, mouth, TEXTS[nth % len(TEXTS)]) for nth in range(rounds)]
            alone = [await _pair(door, mouth, TEXTS[nth % len(TEXTS)].split(".")[0] + ".") for nth in range(rounds)]
    told: dict[str, Any] = {}
    for name, pairs in (("", several), ("one_sentence_", alone)):
        first, line = (statistics.median(one) for one in zip(*pairs, strict=True))
        more = statistics.median(there - here for there, here in pairs)
        told |= {f"{name}first_byte_ms": round(first), f"{name}speak_line_ms": round(line)}
        told |= {f"{name}first_byte_more_ms": round(more)}
    return told


async def _pair(door: Opened, mouth: Any, text: str) -> tuple[float, float]:
    """One text through the door, and at once as `speak` speaks it."""
    return await _spoken_ms(door, text), await asyncio.to_thread(_line_ms, mouth, text)


@asynccontextmanager
async def _real_door(home: Path) -> AsyncIterator[Opened]:
    """The door with this machine's own worker."""
    os.environ["ECHOTALES_HOME"] = str(home)
    command = (sys.executable, str(CHECKOUT / "echotales.py"), "worker", "--name", "bench", "--offline")
    worker = await asyncio.create_subprocess_exec(*command)
    try:
        async with door_open(home, works=False) as door:
            yield door
    finally:
        worker.terminate()
        await worker.wait()


async def _spoken_ms(door: Opened, text: str) -> float:
    headers = {"Authorization": f"Bearer {door.key}"}
    since_s = time.perf_counter()
    wish = {"input": text, "response_format": "mp3", "language": "en"}
    async with door.http.post(f"{door.url}/v1/audio/speech", json=wish, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        await answer.content.readany()
        first_ms = 1_000 * (time.perf_counter() - since_s)
        await answer.read()
    return first_ms


def _line_ms(mouth: Any, text: str) -> float:
    """As `speak` has its first line ready."""

    def borrow(role: type[Any], **needs: Any) -> Any:
        if role is not Narrator:
            raise Unserved("role_unserved", role=role.__name__, **needs)
        return nullcontext(mouth)

    calm = Mood.pure(Emotion.NEUTRAL)
    passages = [Passage(one.scene, at, one.text, one.lines, calm) for at, one in enumerate(pieces_of(text))]
    plan = Plan("", "en", "spoken", 0, Feeling(calm), Facts(Person("narrator")), (), 0)
    with tempfile.TemporaryDirectory(prefix="echotales-bench-") as folder:
        keep = Artifacts(Path(folder))
        studio = Studio(borrow, keep, lambda _stage, _unit, _kind, work: work(), lambda _event: None, Cancelled())
        since_s = time.perf_counter()
        next(iter(narrate(Prompt(text, 0, as_written=True), plan, passages, studio)))
        return 1_000 * (time.perf_counter() - since_s)


async def _followers() -> dict[str, Any]:
    """The share of a core that a serving process takes while so many follow one tale at its usual pace."""
    with tempfile.TemporaryDirectory(prefix="echotales-bench-") as folder:
        home = Path(folder)
        places = Places(home / "cache", home)
        places.state.mkdir(parents=True)
        stage = Stage(home, places.road(""))
        stage.executor(module=TROUPE, troupe={"step_s": 0.5, "passages": 20, "seconds": 1.0})
        environ = os.environ | {"ECHOTALES_HOME": str(home)}
        command = (sys.executable, str(CHECKOUT / "echotales.py"))
        made = await asyncio.create_subprocess_exec(
            *command, "keys", "make", "bench", stdout=asyncio.subprocess.PIPE, env=environ
        )
        key = (await made.communicate())[0].decode().strip()
        serving = await asyncio.create_subprocess_exec(
            *command, "serve", "--no-executor", "--at", "127.0.0.1:0", stdout=asyncio.subprocess.PIPE, env=environ
        )
        try:
            assert serving.stdout is not None
            line = (await serving.stdout.readline()).decode()
            url = next(word for word in line.split() if word.startswith("http"))
            return await _followed(url, key, serving.pid)
        finally:
            serving.terminate()
            await serving.wait()
            stage.close()


async def _followed(url: str, key: str, process: int) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {key}"}
    async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=0)) as http:
        async with http.post(f"{url}/v1/tales", json={"prompt": "a storm", "language": "en"}) as answer:
            tale = (await answer.json())["id"]

        async def follow() -> int:
            async with http.get(f"{url}/v1/tales/{tale}/events", timeout=aiohttp.ClientTimeout(WITHIN_S)) as answer:
                return (await answer.read()).count(b"event: ")

        before_s, since_s = _cpu_s(process), time.monotonic()
        heard = await asyncio.gather(*(follow() for _ in range(FOLLOWERS)))
        wall_s, spent_s = time.monotonic() - since_s, _cpu_s(process) - before_s
    assert min(heard) > 40, "everybody heard all of it"
    return {"followers_core_share": round(spent_s / wall_s, 3), "followers": FOLLOWERS, "followed_s": round(wall_s, 1)}


def _cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _hostile(many: int, seed: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="echotales-bench-") as folder:
        async with door_open(Path(folder)) as door:
            harm = await attack(door, many, seed)
    return {"hostile_sent": harm.sent, "hostile_leaks": len(harm.leaks), "hostile_broke": len(harm.broke)}


async def _pages(args: argparse.Namespace) -> dict[str, Any]:
    if not args.chromium or args.axe is None:
        return {"axe_violations": None}
    with tempfile.TemporaryDirectory(prefix="echotales-bench-") as folder:
        async with door_open(Path(folder), troupe={"step_s": 0.0, "passages": 8, "seconds": 3.0}) as door:
            found = await seen(door, args.chromium, args.axe, args.pictures)
    for one in found:
        for what in (*one.violations, *one.unreached):
            print(f"{one.page} {one.size}: {what}", file=sys.stderr)
    return {
        "axe_violations": sum(len(one.violations) for one in found),
        "keyboard_unreached": sum(len(one.unreached) for one in found),
        "first_paint_ms": max(one.first_paint_ms for one in found),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
