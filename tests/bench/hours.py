"""Hours of a bot's evening, in fast time."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bot.library.library import open_library
from bot.privacy.privacy import Privacy
from bot.voice.player.audio_worker import Blocks
from bot.voice.player.tale_source import Mouth
from pipeline.artifacts import Artifacts
from pipeline.road.door import door
from pipeline.words.sound import RATE_HZ
from tests.bench._long_listening import LongEvening, resident_mb
from tests.bench._machine import reference, reference_lines
from tests.bot.library.samples import told
from tests.pipeline.audio.making import Made, made

ROUND_S, WARM_ROUNDS = 900.0, 2
"""After each round figures are looked at; those of the first ones are not counted."""
PASSAGES_S = (8.0,) * 10
GIVES_UP_S = 30.0
"""A mouth that has nothing for so long will never have."""
MOST_GROWTH = 2.0
"""Of a hundred."""


@dataclass
class Looks:
    """What a process holds, after each round."""

    memory_mb: list[float] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    def look(self) -> None:
        self.memory_mb.append(resident_mb())
        self.threads.append(threading.active_count())
        self.files.append(len(os.listdir("/proc/self/fd")))  # noqa: PTH208 - a folder of the kernel's

    def figures(self) -> dict[str, float]:
        """From the first look after the warm-up to the most of any later one."""
        memory, threads, files = (one[WARM_ROUNDS - 1 :] for one in (self.memory_mb, self.threads, self.files))
        return {
            "memory_mb": round(memory[0], 1),
            "memory_growth_percent": round(100 * (max(memory) / memory[0] - 1), 2),
            "threads_more": max(threads) - threads[0],
            "files_more": max(files) - files[0],
        }


def main(argv: Sequence[str]) -> int:
    """Print a table, or one flat object with --json; exits 1 where anything grew or was missing. Linux alone."""
    parser = argparse.ArgumentParser(prog="echotales.py bench hours", description=__doc__)
    parser.add_argument(
        "--hours", type=float, default=8.0, help="of telling and of listening, each round with an erase"
    )
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="bench-hours-") as folder:
        found = asyncio.run(_lived(Path(folder), args.hours))
    if args.json:
        print(json.dumps(found | reference()))
    else:
        print("\n".join(f"{name:24} {value!s:>9}" for name, value in found.items()))
        print(reference_lines())
    grew = found["memory_growth_percent"] > MOST_GROWTH or found["threads_more"] > 0 or found["files_more"] > 0
    return int(grew or found["underruns"] > 0 or found["left"] > 0)


async def _lived(home: Path, hours: float) -> dict[str, float]:
    """Tales are played through the one sound thread, members are listened to, and each tale is erased once heard."""
    began_s, looks, underruns, tales, seconds = time.monotonic(), Looks(), 0, 0, 0.0
    (home / "state").mkdir()
    # One hand for what this bench does itself: a pool that grows under load would be counted as the bot's threads.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    async with open_library(home) as library, door(f"sqlite:///{home}/state/road.db") as at:
        privacy, evening, blocks = Privacy(library, at, Artifacts(home / "artifacts"), home), LongEvening(), Blocks()
        while seconds < hours * 3_600:
            played_s = 0.0
            while played_s < ROUND_S:
                tale = await asyncio.to_thread(made, home / "artifacts", PASSAGES_S)
                row = told(artifact=_whole(tale, privacy.artifacts))
                await library.tales.add(row)
                underruns += await asyncio.to_thread(_played, tale, blocks)
                await privacy.erase_tales([row])
                played_s, tales = played_s + tale.timeline.seconds, tales + 1
            await asyncio.to_thread(evening.lasts, played_s)
            seconds += played_s
            looks.look()
        blocks.close()
        left = sum(path.is_file() for path in (home / "artifacts").rglob("*")) + len(await library.tales.every())
    return {
        "hours": round(seconds / 3_600, 2), "tales": tales, "utterances": evening.utterances, **looks.figures(),
        "underruns": underruns, "left": left, "seconds": round(time.monotonic() - began_s, 1),
    }  # fmt: skip


def _whole(tale: Made, keep: Artifacts) -> object:
    names = [{"sha256": one.sha256, "suffix": one.suffix, "size": one.size} for one in tale.timeline.stems]
    vamps = [vars(one.scored.vamp) for one in tale.timeline.placed]
    return keep(json.dumps([*names, *vamps]).encode(), ".json")


def _played(tale: Made, blocks: Blocks) -> int:
    """Packet after packet as soon as it is ready: fast time knows no clock, only whether there is anything to send."""
    mouth = Mouth(tale.path_of, blocks)
    blocks.add(mouth)
    mouth.grow(tale.timeline)
    while not mouth.over:
        since_s = time.monotonic()
        while not mouth.ahead and not mouth.over:
            if time.monotonic() - since_s > GIVES_UP_S:
                blocks.remove(mouth)
                return mouth.underruns + 1
            time.sleep(0.0005)
        mouth.read()
    blocks.remove(mouth)
    assert (mouth.trouble, mouth.loss) == (None, None)
    assert mouth.at >= tale.timeline.samples - RATE_HZ, "it was heard to its end"
    return mouth.underruns
