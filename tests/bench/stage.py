"""What happens and where, measured."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.audio.decode import read_stem
from pipeline.backends.narrate_espeak import EspeakNarrator
from pipeline.cancelled import Cancelled
from pipeline.effects.recipes import effect_sound, recipes
from pipeline.roles import Composer, Narrator, Transcriber
from pipeline.words.sound import RATE_HZ, Recording
from tests.bench._alike import likeness
from tests.bench._machine import reference, reference_lines
from tests.bench._rooms import rooms_heard
from tests.bench._staged import Score, effects_of, misplaced, sheet, staged
from tests.bench._tales import COMPOSER, NARRATOR, bank, lent
from tests.bench.mix import speech_over_bed
from tests.pipeline.audio.making import Made

LIKE = 0.95
"""From this correlation on, at any delay, two sounds are one waveform."""


def main(argv: Sequence[str]) -> int:
    """Print a table, or one flat object with --json."""
    parser = argparse.ArgumentParser(prog="echotales.py bench stage")
    parser.add_argument("--tales", type=int, default=60, help="labelled tales that are told; 0 leaves them out")
    parser.add_argument("--heard", type=int, default=20, help="of these, how many Whisper times word by word")
    parser.add_argument("--alike", type=int, default=300, help="sounds of one kind that are held against each other")
    parser.add_argument("--rooms", type=int, default=20, help="lines heard in every room; 0 leaves them out")
    parser.add_argument(
        "--espeak", action="store_true", help="let espeak tell all of them: levels and places, in a tenth of the time"
    )
    parser.add_argument("--show", action="store_true", help="print what was missed and what was wrong to stderr")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    figures: dict[str, Any] = _repeats(args.alike) if args.alike else {}
    if args.rooms:
        figures |= rooms_heard(bank()[: args.rooms])
    if args.tales:
        figures |= _told(args.tales, args.heard, espeak=args.espeak, show=args.show)
    if args.json:
        print(json.dumps(figures | reference()))
    else:
        print("\n".join(f"{name:28} {value:>12}" for name, value in figures.items()))
        print(reference_lines())
    return 0


def _told(count: int, timed: int, *, espeak: bool, show: bool) -> dict[str, Any]:
    """The tales told, their effects held against the labels, and every line against all else that sounds."""
    score, over, late, checked = Score(), list[float](), list[str](), 0
    with (
        nullcontext(EspeakNarrator()) if espeak else lent(NARRATOR, Narrator) as narrator,
        lent(COMPOSER, Composer) as composer,
        lent("whisper-base", Transcriber) if timed else nullcontext() as whisper,
    ):
        for nth, tale in enumerate(sheet()[:count]):
            with tempfile.TemporaryDirectory(prefix="echotales-bench-") as folder:
                made = staged(tale, 500 + nth, Path(folder), narrator, composer)
                score.add(tale, effects_of(made))
                over += speech_over_bed(made, made.timeline)
                if nth < timed:
                    checked += len(effects_of(made))
                    late += _misplaced(made, tale.language, whisper)
    if show:
        print("\n".join([*score.misses, "wrong:", *score.wrongs, "misplaced:", *late]), file=sys.stderr)
    made_ = max(1, score.made)
    return {
        "tales": min(count, len(sheet())),
        "events_named": score.named,
        "events_heard": round(score.heard / max(1, score.named), 3),
        "events_wrong": round(score.wrong / made_ + len(late) / max(1, checked), 3),
        "effects": score.made,
        "effects_timed": checked,
        "effects_misplaced": len(late),
        "speech_over_bed_lu": round(statistics.median(over), 1),
        "speech_over_bed_lu_least": round(min(over), 1),
    }


def _misplaced(made: Made, language: str, whisper: Any) -> list[str]:
    found = []
    for placed in made.timeline.placed:
        if placed.spoken is None or not placed.scored.effects:
            continue
        voice = read_stem(made.path_of(placed.spoken.voice))
        heard = whisper.transcribe(Recording(voice, RATE_HZ), language, Cancelled()).words
        found += misplaced(placed, [(word.text, word.start_s, word.end_s) for word in heard])
    return found


def _repeats(count: int) -> dict[str, Any]:
    """Knocks, and as many of all kinds together: pairs that are one waveform, wherever they begin and however loud."""
    kinds = sorted(recipes())
    knocks = [effect_sound("knock", np.random.default_rng([7, 1, nth])) for nth in range(count)]
    others = [effect_sound(kinds[nth % len(kinds)], np.random.default_rng([7, 2, nth])) for nth in range(count)]
    like = [likeness(sounds) for sounds in (knocks, others)]
    return {
        "repeats": int(sum((one >= LIKE).sum() for one in like)),
        "alike_most": round(float(max(one.max() for one in like)), 3),
        "alike_median": round(float(np.median(like[0])), 3),
    }
