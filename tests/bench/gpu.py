"""The six big models on one card."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from pipeline.cli.here import LocalModels
from pipeline.cli.saying import run
from pipeline.errors import Missing
from pipeline.log import set_up_logging
from pipeline.shelf.budget import MB
from pipeline.shelf.card import GraphicsCard
from pipeline.shelf.nvidia import Ask, ask, mb_of
from pipeline.shelf.offers import sees_cuda
from tests.bench._gpu_line import Taken, told
from tests.bench._gpu_models import WRITERS, Models, built
from tests.bench._machine import reference, reference_lines
from tests.tiny_models.sizes import Size

GIB = 1_073.741824
"""In MB."""
CAP_GIB = 5.0
_PROCESSES = ("nvidia-smi", "--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits")
# The design's own figures for a consumer card, and what is asked of a data-centre one.
DESIGN = {
    "story_s": "8 - 12", "stt_s": "5 - 10", "voice_emotion_s": "1 - 3", "text_emotion_s": "under 1",
    "music_s": "20 - 30", "narration_s": "5 - 15", "total_s": "45 - 77; 20 on a data-centre card",
    "peak_process_gib": "5.0", "drift_percent": "1",
}  # fmt: skip
NEEDS = ("torch", "transformers", "bitsandbytes", "diffusers", "funasr", "TTS", "faster_whisper")


@dataclass
class Watched:
    """The card's peaks, looked at whenever a model goes back to the shelf."""

    card: GraphicsCard | None
    allocated_mb: float = 0.0
    reserved_mb: float = 0.0
    process_mb: float = 0.0
    peaks_mb: dict[str, float] = field(default_factory=dict)
    """Role to the most it held in tensors."""

    def __call__(self, role: str) -> None:
        if self.card is None:
            return
        cuda = self.card.cuda()
        allocated_mb = cuda.max_memory_allocated() / MB
        self.peaks_mb[role] = max(self.peaks_mb.get(role, 0.0), allocated_mb)
        self.allocated_mb = max(self.allocated_mb, allocated_mb)
        self.reserved_mb = max(self.reserved_mb, cuda.max_memory_reserved() / MB)
        self.process_mb = max(self.process_mb, process_mb(self.card))
        cuda.reset_peak_memory_stats()


def main(argv: Sequence[str]) -> int:
    """The verb `bench gpu`."""
    set_up_logging("ERROR")
    args = _parser().parse_args(argv)
    return run(lambda: _bench(args), as_json=args.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="echotales.py bench gpu", description="The six big models under a hard cap.")
    parser.add_argument("--size", type=Size, choices=list(Size), default=Size.FULL, help="tiny rehearses it on a CPU")
    parser.add_argument("--writer", choices=WRITERS, default=WRITERS[0])
    parser.add_argument("--cap-gib", type=float, default=CAP_GIB, help="by the driver's figure, its context included")
    parser.add_argument("--words", type=int, default=300)
    parser.add_argument("--tales", type=int, default=50, help="short ones, told to see what leaks")
    parser.add_argument("--keep", type=Path, help="folder of the built weights, 20 GB at full size; a temporary one")
    parser.add_argument("--json", action="store_true", help="print one object")
    return parser


def _bench(args: argparse.Namespace) -> int:
    lacking = [name for name in NEEDS if find_spec(name) is None]
    if lacking:
        raise Missing("gpu_stack_missing", packages=", ".join(lacking))
    if args.size is Size.FULL and not sees_cuda():
        raise Missing("card_missing")
    with tempfile.TemporaryDirectory(prefix="echotales-gpu-") as folder:
        home = args.keep or Path(folder)
        models = built(home, args.size, args.writer, "gpu-8gb")
        small = args.size is Size.TINY
        figures = measured(models, args.cap_gib, args.words, args.tales, small=small)
    figures |= {"size": str(args.size), "writer": args.writer, "models": ", ".join(models.manifest.models)}
    if args.json:
        print(json.dumps(figures | reference()))
    else:
        _show(figures)
        print(reference_lines())
    return 0


def measured(models: Models, cap_gib: float, words: int, tales: int, *, small: bool) -> dict[str, Any]:
    """One tale cold, one warm, and many short ones after them."""
    card = GraphicsCard(models.profile.memory_mb) if sees_cuda() else None
    context_mb = _context_mb(card)
    profile = replace(models.profile, memory_mb=cap_gib * GIB - context_mb) if card else models.profile
    with LocalModels(profile, models.manifest, models.places, models.settings).shelf(live=False) as shelf:
        watched = Watched(card)
        cold = told(shelf, words, 1, watched, small=small)
        load_cold_s = shelf.load_s
        warm = told(shelf, words, 2, watched, small=small)
        load_warm_s = shelf.load_s - load_cold_s
        after_one_mb = _at_rest_mb(card)
        for seed in range(tales):
            told(shelf, 30, 3 + seed, watched, small=small)
        after_all_mb = _at_rest_mb(card)
        served = dict(shelf.used)
    return {
        "device": card.cuda().get_device_name() if card else "no card: a rehearsal on the CPU",
        **{f"{stage}_s": round(seconds, 3) for stage, seconds in warm.seconds.items()},
        "swaps_s": round(load_warm_s, 3),
        "total_s": round(warm.total_s, 3),
        "cold_total_s": round(cold.total_s, 3),
        "cold_loads_s": round(load_cold_s, 3),
        **_rates(warm),
        **(_peaks(watched, context_mb) if card else {}),
        "tales": tales,
        **({"drift_percent": round(100 * (after_all_mb - after_one_mb) / max(after_one_mb, 1.0), 3)} if card else {}),
        "served": ", ".join(f"{role}: {model}" for role, model in sorted(served.items())),
    }


def _peaks(watched: Watched, context_mb: float) -> dict[str, float]:
    return {
        "peak_allocated_gib": round(watched.allocated_mb / GIB, 3),
        "peak_reserved_gib": round(watched.reserved_mb / GIB, 3),
        "peak_process_gib": round(watched.process_mb / GIB, 3),
        "context_gib": round(context_mb / GIB, 3),
        **{f"peak_{role.lower()}_gib": round(peak / GIB, 3) for role, peak in watched.peaks_mb.items()},
    }


def _rates(taken: Taken) -> dict[str, float]:
    return {
        "tokens_per_s": round(taken.tokens / taken.seconds["story"], 1),
        "narration_rtf": round(taken.seconds["narration"] / max(taken.spoken_s, 0.001), 3),
        "spoken_s": round(taken.spoken_s, 1),
    }


def _context_mb(card: GraphicsCard | None) -> float:
    """What the driver takes for the process before any tensor is there, its libraries warmed by one product."""
    if card is None:
        return 0.0
    import torch

    before_mb = card.free_mb
    one = torch.ones(256, 256, device="cuda", dtype=torch.float16)
    (one @ one).sum().item()
    del one
    card.give_back()
    held_mb = process_mb(card) - card.reserved_mb
    return held_mb if held_mb > 0 else before_mb - card.free_mb


def _at_rest_mb(card: GraphicsCard | None) -> float:
    """In tensors, with the models that stay warm: the same after every tale."""
    if card is None:
        return 0.0
    card.give_back()
    return card.allocated_mb


def _show(figures: dict[str, Any]) -> None:
    table = Table("figure", "measured", "design", box=None)
    for name, value in figures.items():
        table.add_row(name, str(value), DESIGN.get(name, ""))
    Console(highlight=False).print(table)


def process_mb(card: GraphicsCard, asked: Ask = ask) -> float:
    """Return what the driver says this process holds, CUDA's context included; else what all processes hold."""
    rows = [[cell.strip() for cell in line.split(",")] for line in asked(_PROCESSES).splitlines()]
    told = [mb_of(row[1]) for row in rows if len(row) == 2 and row[0] == str(os.getpid())]
    ours = [megabytes for megabytes in told if megabytes is not None]
    return sum(ours) if ours else card.total_mb - card.free_mb
