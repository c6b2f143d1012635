"""The mood readers, measured."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.backends.text_e5 import open_backend
from pipeline.words.mood import Emotion
from tests.bench._machine import reference, reference_lines
from tests.mood import text_training, voice_training
from tests.mood.measures import deletion_agreement, fusion_figures, ms_per_sentence, quarrel_figures, text_figures
from tests.mood.reading import weights
from tests.mood.sentences import CORPORA, corpora
from tests.mood.voice_measures import voice_figures

WANTED: Mapping[str, tuple[str, float]] = {
    "f1_en": (">=", 0.80), "f1_pt": (">=", 0.70), "f1_es": (">=", 0.70), "f1_fr": (">=", 0.70),
    "f1_goemotions": (">=", 0.50), "ece": ("<=", 0.08), "ms_per_sentence": ("<=", 40.0), "fusion_gain": (">=", 5.0),
    "deletion_agreement": (">=", 0.90), "emodb_uar": (">=", 0.80),
    "arousal_cross": (">=", 0.72), "voice_ece": ("<=", 0.10),
}  # fmt: skip


def main(argv: Sequence[str]) -> int:
    """Print tables, or one flat object with --json."""
    parser = argparse.ArgumentParser(prog="echotales.py bench mood", description="Measure the mood readers.")
    parser.add_argument("--train", action="store_true", help="rebuild data/mood/text_head.npz first, bit for bit")
    parser.add_argument("--train-voice", action="store_true", help="rebuild data/mood/voice_head.npz first")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    say = _nothing if args.json else print
    if args.train:
        text_training.train(say)
    if args.train_voice:
        voice_training.train(say)
    figures, tables = text_figures()
    reader = open_backend(weights("e5-small"), 1)
    figures["ms_per_sentence"] = ms_per_sentence(reader)
    figures["deletion_agreement"] = deletion_agreement(reader)
    of_voices, voices = voice_figures(say)
    figures |= of_voices
    if voices:
        figures |= fusion_figures(voices) | quarrel_figures(voices)
    if args.json:
        print(json.dumps({name: round(value, 4) for name, value in figures.items()} | reference()))
    else:
        _show(figures, tables)
        print(reference_lines())
    return 0


def _show(figures: Mapping[str, float], tables: Mapping[str, npt.NDArray[np.int64]]) -> None:
    for language, table in tables.items():
        print(f"\n{language}: rows what it is, columns what was read")
        print(f"{'':>10}" + "".join(f"{emotion:>10}" for emotion in Emotion))
        for emotion, row in zip(Emotion, table, strict=True):
            print(f"{emotion:>10}" + "".join(f"{count:>10}" for count in row))
    print()
    for name, value in figures.items():
        wanted = " ".join(map(str, WANTED[name])) if name in WANTED else ""
        print(f"{name:<20} {value:>8.3f}  {wanted}")
    if corpora() is None:
        print(f"\nWithout the public corpora ({CORPORA} names their folder) their figures are left out.")


def _nothing(_: str) -> None:
    """Only the figures are wanted."""
