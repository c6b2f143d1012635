"""Errands beside a tale that plays."""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.actions.mood_words import AT_ONCE, MOST_CHARS
from pipeline.errors import TaleError
from pipeline.words.answer import Explained
from pipeline.words.request import Asked, Explain
from pipeline.words.sound import RATE_HZ
from tests.bench._evening import Evening, evening, first_line
from tests.bench._machine import reference, reference_lines

PROMPT = "a lighthouse keeper befriends a storm"
ASKED = "The keeper is afraid of the dark, and happy when the storm comes by to talk of ships and of the sea. " * 9


def main(argv: Sequence[str]) -> int:
    """Print a table, or one flat object with --json; exits 1 where a packet of the tale was missing."""
    parser = argparse.ArgumentParser(prog="echotales.py bench whys", description=__doc__)
    parser.add_argument("--profile", default="embedded")
    parser.add_argument("--length", default="medium", help="of the tale")
    parser.add_argument("--none", action="store_true", help="nobody asks why, to compare")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="bench-whys-") as folder:
        told = asyncio.run(_measured(Path(folder), args))
    if args.json:
        print(json.dumps(told | reference()))
    else:
        print("\n".join(f"{name:24} {value!s:>9}" for name, value in told.items()))
        print(reference_lines())
    return int(told["underruns"] > 0)


async def _measured(home: Path, args: argparse.Namespace) -> dict[str, Any]:
    """As many ask *Why this mood?* as are let in at a time, all through a tale; each wish is as long as may be."""
    answered_s: list[float] = []
    async with evening(home, args.profile) as here:
        await here.asks(PROMPT, length=args.length)
        whys = [asyncio.create_task(_ask_why(here, answered_s)) for _ in range(0 if args.none else AT_ONCE)]
        kept, tale = await here.tale(PROMPT)
        for why in whys:
            why.cancel()
        await here.told()
        holds = [one for one in here.holds[kept.id] if one.at_sample > first_line(tale.timeline)]
        return {
            "told_s": round(tale.timeline.seconds, 1),
            "underruns": sum(here.underruns.values()),
            "held_s": round(sum(one.samples for one in holds) / RATE_HZ, 2),
            "whys": len(answered_s),
            "why_s_median": round(statistics.median(answered_s), 2) if answered_s else 0.0,
            "why_s_worst": round(max(answered_s, default=0.0), 2),
        }


async def _ask_why(here: Evening, answered_s: list[float]) -> None:
    services = here.bot.services
    while True:
        asked = Asked(uuid.uuid4().hex, Explain(ASKED[:MOST_CHARS], "en"), str(here.guild.id))
        began_s = time.monotonic()
        try:
            await services.door.answered(asked, Explained, services.artifacts)
        except TaleError:
            await asyncio.sleep(1.0)
        else:
            answered_s.append(time.monotonic() - began_s)
