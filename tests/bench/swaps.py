"""What sharing a loaded model saves."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.artifacts import Artifacts
from pipeline.cancelled import Cancelled
from pipeline.cli.here import Here, opened
from pipeline.shelf.budget import Budget
from pipeline.shelf.shelf import Offer
from pipeline.shelf.turnstile import Errand, Turnstile, _Waiter
from pipeline.telling.in_memory import InMemory
from pipeline.telling.line import tell
from pipeline.words.prompt import Order, Prompt
from tests.bench._machine import reference, reference_lines
from tests.bench._two_workers import two_cores_ratio, two_workers_ratio

IN_FLIGHT = 5


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
    parser.add_argument("--budget-gb", type=float, default=2.1, help="room for one large model; 0.6 for tiny")
    parser.add_argument("--words", type=int, default=60)
    parser.add_argument("--workers", default="", metavar="PROFILE", help="also measure two workers on Postgres")
    parser.add_argument("--json", action="store_true", help="print one object")
    args = parser.parse_args(argv)
    told = simulated(args.tales)
    if args.profile:
        told |= _measured(args)
    if args.workers:
        told["two_workers_ratio"] = two_workers_ratio(args.workers, args.tales, args.words)
        told["two_cores_ratio"] = two_cores_ratio()
    if args.json:
        print(json.dumps(told | reference()))
    else:
        for name, value in told.items():
            print(f"{name:<20} {value:>10}")
        print(reference_lines())
    return 0


def simulated(tales: int, stages: Sequence[Stage] = DESIGN) -> dict[str, Any]:
    """The very turnstile, on a clock of its own."""
    alone, shared = simulate(tales, 1, stages), simulate(tales, IN_FLIGHT, stages)
    level = simulate(tales, IN_FLIGHT, stages, first_goes_straight=False)
    one = simulate(1, 1, stages)
    return {
        "simulated_ratio": round(alone.last_s / shared.last_s, 2),
        "simulated_ratio_level": round(alone.last_s / level.last_s, 2),
        "simulated_first_ratio_level": round(level.first_s / one.first_s, 3),
        "simulated_loads": shared.loads,
        "simulated_loads_alone": alone.loads,
        "simulated_first_ratio": round(shared.first_s / one.first_s, 3),
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
        chosen = gate._take()
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
    errand = Errand(silent_at_s=0.0 if straight else float("inf"), server=f"s{tale}", tale=str(tale))
    waiter = _Waiter(str(tale), tale, errand, model, now_s)
    gate._waiting.append(waiter)
    waiting[id(waiter)] = (tale, waiter)


def _measured(args: argparse.Namespace) -> dict[str, Any]:
    """Real models under a budget that holds one of them: one tale after the other, then several at a time."""
    os.environ["ECHOTALES_BUDGET_GB"] = str(args.budget_gb)
    prompts = [Prompt(f"Tale number {n}", n + 1, words=args.words, order=Order.LIST) for n in range(args.tales)]
    alone = _run(args.profile, prompts, 1)
    shared = _run(args.profile, prompts, IN_FLIGHT)
    # What the simulation says is possible with the figures of this very machine.
    stages = alone.stages(args.tales)
    possible = simulate(args.tales, 1, stages).last_s / simulate(args.tales, IN_FLIGHT, stages).last_s
    ratio = alone.last_s / shared.last_s
    return {
        "measured_ratio": round(ratio, 3),
        "possible_ratio": round(possible, 3),
        # Too few tales to share anything: nothing was possible.
        "gain_of_possible": round((ratio - 1) / (possible - 1), 3) if possible > 1.01 else 0.0,
        "first_tale_ratio": round(shared.first_s / alone.first_s, 3),
        "alone_s": round(alone.last_s, 1),
        "alone_loads": alone.loads,
        "alone_load_s": round(sum(alone.load_s.values()), 1),
        "shared_s": round(shared.last_s, 1),
        "shared_loads": shared.loads,
        "shared_load_s": round(sum(shared.load_s.values()), 1),
    }


class _Weighed(Budget):
    """By the manifest: what a process gives back of its memory differs from run to run, and then nothing is swapped."""

    def guess_mb(self, model: str, manifest_mb: float) -> float:
        self.known_mb[model] = manifest_mb
        return manifest_mb

    def measured(self, model: str, before_mb: float) -> float:
        return self.known_mb[model]


@dataclass(frozen=True)
class _Measured:
    first_s: float
    """When the first that was asked for was done."""
    last_s: float
    load_s: dict[str, float]
    """By model, all its loads together."""
    work_s: dict[str, float]
    """By model, in the order in which a tale first needs it."""
    loads: int

    def stages(self, tales: int) -> list[Stage]:
        """Each model once a tale, with all its work; what is done outside the models belongs to the last."""
        made = [Stage(one, self.load_s.get(one, 0.0) / tales, work / tales) for one, work in self.work_s.items()]
        inside_s = sum(self.load_s.values()) + sum(self.work_s.values())
        last = made[-1]
        return [*made[:-1], replace(last, work_s=last.work_s + max(0.0, self.last_s - inside_s) / tales)]


def _run(profile: str, prompts: Sequence[Prompt], in_flight: int) -> _Measured:
    with opened(profile, yes=True, quiet=True) as here, tempfile.TemporaryDirectory() as folder:
        timed = _Timed(here)
        began_s = time.perf_counter()
        with ThreadPoolExecutor(in_flight) as pool:
            asked = list(enumerate(prompts))
            ends = list(pool.map(lambda one: timed.told(one[0], one[1], Path(folder)) - began_s, asked))
        return _Measured(ends[0], max(ends), timed.load_s, timed.work_s, timed.loads)


class _Timed:
    """One shelf, with a clock on every load and every borrow."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self.load_s: dict[str, float] = {}
        self.work_s: dict[str, float] = {}
        self.loads = 0
        for device in here.shelf._devices.values():
            device.budget = _Weighed(device.budget.most_mb, device.budget.used_mb)
        self._open = here.shelf._open
        here.shelf._open = self._opened  # type: ignore[method-assign] # a bench looks inside

    def told(self, number: int, prompt: Prompt, folder: Path) -> float:
        """When it was done; the first goes straight through, as on the road."""
        check = Cancelled()
        errand = Errand(silent_at_s=0.0 if number == 0 else float("inf"), server=str(number), tale=str(number))

        @contextmanager
        def borrow(role: type[Any], **needs: Any) -> Iterator[Any]:
            with self._here.shelf.borrow(role, check, errand, **needs) as backend:
                model, since_s = self._here.shelf.used[role.__name__], time.perf_counter()
                try:
                    yield backend
                finally:
                    self.work_s[model] = self.work_s.get(model, 0.0) + time.perf_counter() - since_s

        studio = InMemory(self._here.shelf, Artifacts(folder), lambda _: None, check).studio
        tell(prompt, replace(studio, borrow=borrow))
        return time.perf_counter()

    def _opened(self, offer: Offer) -> Any:
        since_s = time.perf_counter()
        held = self._open(offer)
        self.loads += 1
        self.load_s[offer.model] = self.load_s.get(offer.model, 0.0) + time.perf_counter() - since_s
        return held
