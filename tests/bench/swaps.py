"""What sharing a loaded model saves."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.artifacts import Artifacts
from pipeline.cancelled import Cancelled
from pipeline.cli.here import Here, opened
from pipeline.shelf.turnstile import Errand, Turnstile, _Waiter
from pipeline.telling.in_memory import InMemory
from pipeline.telling.line import tell
from pipeline.words.prompt import Order, Prompt

IN_FLIGHT = 4


@dataclass(frozen=True)
class Stage:
    """One model's part of a tale, stage by stage."""

    model: str
    load_s: float
    """From a cold disk."""
    work_s: float


COLD_MB_S = 150.0
"""A spinning disk, nothing in the page cache."""
OPENING_S = 4.0


def _load_s(megabytes: float) -> float:
    return megabytes / COLD_MB_S + OPENING_S


# A 200-word tale on an 8 GB card; the readers stay on the CPU. Sizes are those on disk: the writer's halves are read
# whole and packed into four bits on the way. Seconds of work are the design's, none was measured on a card.
DESIGN = (
    Stage("writer", _load_s(14_500), 12.0),
    Stage("narrator", _load_s(1_870), 16.0),
    Stage("composer", _load_s(4_300), 14.0),
)


@dataclass(frozen=True)
class Told:
    """When each tale was done."""

    first_s: float
    last_s: float
    loads: int


def main(argv: Sequence[str]) -> int:
    """The verb `bench swaps`."""
    parser = argparse.ArgumentParser(prog="echotales.py bench swaps", description="Measure what sharing models saves.")
    parser.add_argument("--tales", type=int, default=10)
    parser.add_argument("--profile", default="", help="also measure, with this profile's models")
    parser.add_argument("--budget-gb", type=float, default=0.0, help="room for one model, for the measured run")
    parser.add_argument("--words", type=int, default=60)
    parser.add_argument("--json", action="store_true", help="print one object")
    args = parser.parse_args(argv)
    told = simulated(args.tales)
    if args.profile:
        told |= _measured(args)
    if args.json:
        print(json.dumps(told))
    else:
        for name, value in told.items():
            print(f"{name:<20} {value:>10}")
    return 0


def simulated(tales: int, stages: Sequence[Stage] = DESIGN) -> dict[str, Any]:
    """The very turnstile, on a clock of its own."""
    alone, shared = simulate(tales, 1, stages), simulate(tales, IN_FLIGHT, stages)
    level = simulate(tales, IN_FLIGHT, stages, first_goes_straight=False)
    one = simulate(1, 1, stages)
    return {
        "simulated_ratio": round(alone.last_s / shared.last_s, 2),
        "simulated_ratio_level": round(alone.last_s / level.last_s, 2),
        "first_tale_ratio_level": round(level.first_s / one.first_s, 3),
        "simulated_loads": shared.loads,
        "simulated_loads_alone": alone.loads,
        "first_tale_ratio": round(shared.first_s / one.first_s, 3),
    }


def simulate(tales: int, in_flight: int, stages: Sequence[Stage], *, first_goes_straight: bool = True) -> Told:
    """Tales through one device, so many of them open at once; the first may go straight through, as on the road."""
    straight = 0 if first_goes_straight else -1
    now_s, loaded, loads = 0.0, "", 0
    gate = Turnstile(clock=lambda: now_s)
    at: dict[int, int] = {}
    waiting: dict[int, tuple[int, _Waiter]] = {}
    done_s: list[float] = []
    begun = 0
    while len(done_s) < tales:
        while begun < tales and len(at) < in_flight:
            at[begun] = 0
            _queue(gate, waiting, begun, stages[0].model, now_s, straight=begun == straight)
            begun += 1
        chosen = gate._next()
        gate._waiting.remove(chosen)
        # As `_let_in` counts: a model may serve so many in a row.
        gate._served = gate._served + 1 if chosen.model == gate._model else 1
        gate._model = chosen.model
        tale, _ = waiting.pop(id(chosen))
        stage = stages[at[tale]]
        swap = stage.model != loaded
        loads += swap
        loaded = stage.model
        now_s += stage.work_s + swap * stage.load_s
        at[tale] += 1
        if at[tale] == len(stages):
            del at[tale]
            done_s.append(now_s)
        else:
            _queue(gate, waiting, tale, stages[at[tale]].model, now_s, straight=tale == straight)
    return Told(done_s[0], done_s[-1], loads)


def _queue(
    gate: Turnstile, waiting: dict[int, tuple[int, _Waiter]], tale: int, model: str, now_s: float, *, straight: bool
) -> None:
    errand = Errand(silent_at_s=0.0 if straight else float("inf"), server=f"s{tale}")
    waiter = _Waiter(str(tale), tale, errand, model, now_s)
    gate._waiting.append(waiter)
    waiting[id(waiter)] = (tale, waiter)


def _measured(args: argparse.Namespace) -> dict[str, Any]:
    """Real models under a budget that holds one of them: one tale after the other, then four at a time."""
    os.environ["ECHOTALES_BUDGET_GB"] = str(args.budget_gb or 0.4)
    prompts = [Prompt(f"Tale number {n}", n, words=args.words, order=Order.LIST) for n in range(args.tales)]
    alone = _run(args.profile, prompts, 1)
    shared = _run(args.profile, prompts, IN_FLIGHT)
    possible = alone.last_s / (alone.last_s - alone.load_s * (1 - 1 / IN_FLIGHT))
    return {
        "measured_ratio": round(alone.last_s / shared.last_s, 3),
        "gain_of_possible": round((alone.last_s / shared.last_s - 1) / max(1e-9, possible - 1), 3),
        "measured_first_ratio": round(shared.first_s / alone.first_s, 3),
        "alone_s": round(alone.last_s, 1),
        "alone_load_s": round(alone.load_s, 1),
        "shared_s": round(shared.last_s, 1),
        "shared_load_s": round(shared.load_s, 1),
    }


@dataclass(frozen=True)
class _Measured:
    first_s: float
    last_s: float
    load_s: float


def _run(profile: str, prompts: Sequence[Prompt], in_flight: int) -> _Measured:
    with opened(profile, yes=True, quiet=True) as here, tempfile.TemporaryDirectory() as folder:
        began_s = time.perf_counter()
        with ThreadPoolExecutor(in_flight) as pool:
            ends = list(pool.map(lambda prompt: _one(here, prompt, Path(folder)) - began_s, prompts))
        return _Measured(min(ends), max(ends), here.shelf.load_s)


def _one(here: Here, prompt: Prompt, folder: Path) -> float:
    check = Cancelled()
    studio = InMemory(here.shelf, Artifacts(folder), lambda _: None, check).studio
    tell(replace(prompt, seed=prompt.seed + 1), studio)
    return time.perf_counter()
